import { workloadIdentityBindingKind } from '../../api/workload-identity-binding.ts';
import type { ActionFailure, FailedAttempt } from '../../domain/attempt.ts';
import type { BindingFacts } from '../../domain/binding-facts.ts';
import { type BindingAction, type BindingPlan, fingerprintOf } from '../../domain/binding-plan.ts';
import { lapseOf } from '../../domain/lapse.ts';
import { planBinding } from '../../domain/plan-binding.ts';
import { tenancyOf } from '../../domain/tenancy.ts';
import { listed } from '../../domain/violation.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { keyOf, splitKey } from '../../runtime/store.ts';
import { ok, type Result } from '../../std/result.ts';
import type { ConditionedObject } from '../../world/kept.ts';
import { discardSecret } from '../discard-secret.ts';
import type { Environment } from '../environment.ts';
import {
  allScopes,
  firstUnreadable,
  grantingScope,
  isAudienceInstalled,
  secretHolder,
  unreadableScope,
} from '../lookups.ts';
import { createReconciler, type ReconcilerParts } from '../reconciler.ts';
import { writeStatus } from '../write-status.ts';
import { issueToken } from './issue-token.ts';
import { revokeDelivered } from './revoke-delivered.ts';
import { withdrawSecret } from './withdraw-secret.ts';

/** One binding: gather, plan (domain/plan-binding.ts), execute, tell. The key is `namespace/name`. */
export const createBindingReconciler = (environment: Environment) =>
  createReconciler(bindingParts(environment), environment.clock);

/** Whom to tell, readable or not. */
type Facts = BindingFacts & {
  readonly told: ConditionedObject | undefined;
  /** How many pods mount it, as last seen. */
  readonly pods: number | undefined;
};

function bindingParts(environment: Environment): ReconcilerParts<Facts, BindingAction, BindingPlan> {
  const { world } = environment;
  return {
    gather: (key, attempt) => gatherBinding(environment, key, attempt),
    plan: planBinding,
    fingerprint: fingerprintOf,
    // A thousand Secrets of a tenant go twice as fast as they go and are told of.
    comesBeforeTelling: ({ kind }) => kind === 'withdraw',
    lingers: ({ kind }) => kind === 'issue',
    execute: (action, facts, context) => execute(environment, action, facts, context),
    async tell({ told: object, pods }, { conditions, violations = [], grant, withdrawal }, context) {
      if (object === undefined || conditions.length === 0) return ok(undefined);
      const fields = { violations: listed(violations), grant, withdrawal, pods };
      return writeStatus(
        environment,
        { kind: workloadIdentityBindingKind, object, informer: world.bindings, conditions, fields },
        context,
      );
    },
  };
}

/** Reads the caches for everything that a decision about one binding rests on. */
function gatherBinding(
  { world, secretDelivery, census, revocations, podCounts, ownNamespace }: Environment,
  key: string,
  attempt: FailedAttempt | undefined,
): Facts {
  const { namespace } = splitKey(key);
  const { object: binding, malformed } = world.bindings.store.get(key) ?? {};
  const spec = binding?.spec;
  const keptClient = spec && world.clients.store.get(keyOf(namespace, spec.clientRef.name));
  const client = keptClient?.object;
  const keptIssuer = client && world.issuers.store.get(client.spec.issuerRef.name);
  const serviceAccount = spec && world.serviceAccounts.store.get(keyOf(namespace, spec.serviceAccountName));
  const home = world.namespaces.store.get(namespace);
  const tenancy = tenancyOf(home, allScopes(world), ownNamespace);
  const owned = world.tokenSecrets.store.byIndex('owner', key);
  const secretName = spec?.delivery?.secretRef.name;
  const secret = owned.find(
    ({ name, ownerUID }) => name === secretName && ownerUID === binding?.metadata.uid,
  );
  return {
    binding,
    malformed: malformed?.problem,
    told: binding ?? malformed,
    pods:
      binding && secretName === undefined
        ? (podCounts.of(namespace, binding.metadata.name) ?? binding.status?.pods)
        : undefined,
    namespaceTerminating: home?.terminating ?? false,
    tenancy,
    grantedBy: grantingScope(world, binding?.status?.grant?.derivedFrom.tenantScope),
    beyondQuota:
      binding !== undefined &&
      tenancy.kind === 'tenant' &&
      census.isBeyond('bindings', tenancy.scope, binding),
    client,
    issuer: keptIssuer?.object,
    audienceInstalled: keptIssuer?.object !== undefined && isAudienceInstalled(world, keptIssuer.object),
    serviceAccountUID: serviceAccount?.uid,
    serviceAccountLabels: serviceAccount?.labels,
    secretHolder:
      binding && secretName !== undefined
        ? secretHolder(world, binding, keyOf(namespace, secretName))
        : undefined,
    secretReach: secretDelivery.reach(namespace),
    secret,
    strays: owned.filter((other) => other !== secret),
    unreadable: firstUnreadable(keptClient, keptIssuer) ?? unreadableScope(world, tenancy),
    revocations: revocations.of(key),
    attempt,
  };
}

/** Looks at everything again that the decision for a token rested on: while it was on its way, caches went on. */
function lapseSince(
  environment: Environment,
  { grantHash }: Extract<BindingAction, { readonly kind: 'issue' }>,
  { binding }: BindingFacts,
): string | undefined {
  if (binding === undefined) return undefined;
  const { namespace, name, uid } = binding.metadata;
  return lapseOf(
    { bindingUID: uid, grantHash },
    gatherBinding(environment, keyOf(namespace, name), undefined),
    environment.clock.now(),
  );
}

async function execute(
  environment: Environment,
  action: BindingAction,
  facts: BindingFacts,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  switch (action.kind) {
    case 'issue':
      return issueToken(environment, action, facts, () => lapseSince(environment, action, facts), context);
    case 'revoke':
      return revokeDelivered(environment, action, facts, context);
    case 'discard':
      return discardSecret(
        environment,
        environment.world.tokenSecrets,
        action.secret,
        'grantor.dev/token',
        context,
      );
    case 'withdraw':
      return withdrawSecret(environment, action, context);
  }
}
