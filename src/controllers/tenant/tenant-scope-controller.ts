import { tenantScopeKind } from '../../api/tenant-scope.ts';
import { isFalse } from '../../domain/condition.ts';
import { planTenantScope, type TenantScopeFacts } from '../../domain/plan-tenant-scope.ts';
import { isReservedNamespace, selectsNamespace, tenantIDHolder } from '../../domain/tenancy.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { done, type Outcome, stuck } from '../../runtime/outcome.ts';
import type { Kept } from '../../world/kept.ts';
import type { Environment } from '../environment.ts';
import { allScopes } from '../lookups.ts';
import { retryOf } from '../reconciler.ts';
import { writeStatus } from '../write-status.ts';

/** One TenantScope: counts what it covers and tells. It acts on nothing, so there is no loop. The key is its name. */
export const createTenantScopeReconciler =
  (environment: Environment) =>
  async (key: string, context: ReconcileContext): Promise<Outcome> => {
    const informer = environment.world.scopes;
    const { object, malformed } = informer.store.get(key) ?? {};
    if (malformed !== undefined) {
      const conditions = [isFalse('Ready', 'Malformed', malformed.problem)];
      const told = await writeStatus(
        environment,
        { kind: tenantScopeKind, object: malformed, informer, conditions },
        context,
      );
      return told.ok ? stuck({ message: malformed.problem }) : retryOf(told.error);
    }
    if (object === undefined) return done;
    const { conditions, ...fields } = planTenantScope(gatherTenantScope(environment, object));
    const written = await writeStatus(
      environment,
      { kind: tenantScopeKind, object, informer, conditions, fields },
      context,
    );
    return written.ok ? done : retryOf(written.error);
  };

function gatherTenantScope(
  { world, ownNamespace }: Environment,
  scope: TenantScopeFacts['scope'],
): TenantScopeFacts {
  const scopes = allScopes(world);
  const others = scopes.filter(({ metadata }) => metadata.uid !== scope.metadata.uid);
  const selected = [...world.namespaces.store.list()].filter(
    ({ name, labels }) =>
      !isReservedNamespace(name, ownNamespace) && selectsNamespace(scope.spec.namespaceSelector, labels),
  );
  const contested = selected.filter(({ labels }) =>
    others.some(({ spec }) => selectsNamespace(spec.namespaceSelector, labels)),
  );
  const uncontested = selected.filter((namespace) => !contested.includes(namespace));
  return {
    scope,
    tenantIDHolder: tenantIDHolder(scope, scopes)?.metadata.name,
    selected: selected.map(({ name }) => name).sort(),
    contested: contested.map(({ name }) => name).sort(),
    clients: uncontested.flatMap(({ name }) => world.clients.store.byIndex('namespace', name).map(told)),
    bindings: uncontested.flatMap(({ name }) => world.bindings.store.byIndex('namespace', name).map(told)),
  };
}

/** What is known of an object, readable or not. */
const told = <T>({ object }: Kept<T>): Partial<T> => object ?? {};
