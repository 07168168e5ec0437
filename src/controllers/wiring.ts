import { type Controller, type ControllerOptions, createController } from '../runtime/controller.ts';
import { keyOf, type StoreRecord } from '../runtime/store.ts';
import { minutes, seconds } from '../std/duration.ts';
import { createBindingReconciler } from './binding-controller.ts';
import { createClientReconciler } from './client-controller.ts';
import type { Environment } from './environment.ts';
import { createIssuerReconciler } from './issuer-controller.ts';
import { createTenantScopeReconciler } from './tenant-scope-controller.ts';

type Common = Pick<ControllerOptions, 'clock' | 'rng' | 'log' | 'metrics'>;

/** One kind's keys in a store, for resyncs and for changes that concern all. */
const keysOf = (records: Iterable<StoreRecord>): string[] =>
  Array.from(records, ({ namespace, name }) => keyOf(namespace, name));

/**
 * The four controllers, and who is looked at again when what changes. Everything an object's decision reads must be on a line here
 * that leads to it.
 */
export function createControllers(environment: Environment, common: Common): readonly Controller[] {
  const { world } = environment;
  const controller = (
    name: string,
    reconcile: ControllerOptions['reconcile'],
    concurrency: number,
    list: () => Iterable<StoreRecord>,
  ): Controller =>
    createController({
      ...common,
      name,
      reconcile,
      concurrency,
      resync: { every: minutes(30), keys: () => keysOf(list()) },
    });

  const issuers = controller('oauthissuer', createIssuerReconciler(environment), 4, () =>
    world.issuers.store.list(),
  );
  const scopes = controller('tenantscope', createTenantScopeReconciler(environment), 2, () =>
    world.scopes.store.list(),
  );
  const clients = controller('oauthclient', createClientReconciler(environment), 16, () =>
    world.clients.store.list(),
  );
  const bindings = controller('workloadidentitybinding', createBindingReconciler(environment), 32, () =>
    world.bindings.store.list(),
  );

  const enqueue = (target: Controller, records: Iterable<StoreRecord>): void => {
    for (const key of keysOf(records)) target.enqueue(key);
  };
  /** Counts are told at leisure: a thousand new bindings are one status, not a thousand. */
  const recount = (): void => {
    for (const key of keysOf(world.scopes.store.list()))
      scopes.enqueue(key, { priority: 'resync', after: seconds(2) });
  };
  const cameOrWent = ({ previous, current }: { previous: unknown; current: unknown }): boolean =>
    previous === undefined || current === undefined;

  world.issuers.onChange(({ key }) => {
    enqueue(issuers, world.issuers.store.list());
    const ofIssuer = world.clients.store.byIndex('issuer', key);
    enqueue(clients, ofIssuer);
    for (const client of ofIssuer)
      enqueue(bindings, world.bindings.store.byIndex('client', keyOf(client.namespace, client.name)));
  });

  world.scopes.onChange(({ previous, current }) => {
    // Our own status writes concern nobody else.
    if (previous?.object && previous.object.metadata.generation === current?.object?.metadata.generation)
      return;
    enqueue(scopes, world.scopes.store.list());
    enqueue(clients, world.clients.store.list());
    enqueue(bindings, world.bindings.store.list());
  });

  world.clients.onChange((change) => {
    clients.enqueue(change.key);
    const { namespace = '' } = change.current ?? change.previous ?? {};
    // Also those that wait for a ServiceAccount or a Secret name to become free.
    if (cameOrWent(change)) enqueue(clients, world.clients.store.byIndex('namespace', namespace));
    enqueue(
      bindings,
      world.bindings.store.byIndex(
        cameOrWent(change) ? 'namespace' : 'client',
        cameOrWent(change) ? namespace : change.key,
      ),
    );
    if (cameOrWent(change)) recount();
  });

  world.bindings.onChange((change) => {
    bindings.enqueue(change.key);
    if (!cameOrWent(change) && secretNameOf(change.previous) === secretNameOf(change.current)) return;
    for (const name of [secretNameOf(change.previous), secretNameOf(change.current)]) {
      if (name === undefined) continue;
      enqueue(bindings, world.bindings.store.byIndex('secret', name));
      enqueue(clients, world.clients.store.byIndex('secret', name));
    }
    if (cameOrWent(change)) recount();
  });

  world.namespaces.onChange(({ key }) => {
    enqueue(clients, world.clients.store.byIndex('namespace', key));
    enqueue(bindings, world.bindings.store.byIndex('namespace', key));
    recount();
  });

  world.serviceAccounts.onChange((change) => {
    if (!cameOrWent(change) && change.previous?.uid === change.current?.uid) return;
    enqueue(clients, world.clients.store.byIndex('serviceAccount', change.key));
    enqueue(bindings, world.bindings.store.byIndex('serviceAccount', change.key));
  });

  world.tokenSecrets.onChange(({ previous, current }) => {
    for (const secret of [previous, current]) {
      if (secret?.ownerName !== undefined) bindings.enqueue(keyOf(secret.namespace, secret.ownerName));
    }
  });

  world.credentialsSecrets.onChange(({ previous, current }) => {
    for (const secret of [previous, current]) {
      if (secret?.ownerName !== undefined) clients.enqueue(keyOf(secret.namespace, secret.ownerName));
    }
  });

  world.registrations.onChange(({ previous, current }) => {
    for (const record of [previous?.record, current?.record]) {
      if (record !== undefined) clients.enqueue(keyOf(record.client.namespace, record.client.name));
    }
  });

  return [issuers, scopes, clients, bindings];
}

const secretNameOf = (
  binding:
    | {
        readonly namespace: string;
        readonly object:
          | { readonly spec: { readonly delivery: { readonly secretRef: { readonly name: string } } } }
          | undefined;
      }
    | undefined,
): string | undefined =>
  binding?.object && keyOf(binding.namespace, binding.object.spec.delivery.secretRef.name);
