import { type Controller, type ControllerOptions, createController } from '../runtime/controller.ts';
import { keyOf, type StoreRecord } from '../runtime/store.ts';
import { minutes, seconds } from '../std/duration.ts';
import { createBindingReconciler } from './binding-controller.ts';
import { createClientReconciler } from './client-controller.ts';
import type { Environment } from './environment.ts';
import { createIssuerReconciler } from './issuer-controller.ts';
import type { Kept } from './kept.ts';
import type { ConditionedObject } from './next-status.ts';
import { createTenantScopeReconciler } from './tenant-scope-controller.ts';
import { credentialsSecretOf, serviceAccountOf, tokenSecretOf } from './world.ts';

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
  /** Of those that want one Secret, the oldest gets it: when one changes its mind, the others may have to. */
  const writersOf = (secretKey: string | undefined): void => {
    if (secretKey === undefined) return;
    enqueue(bindings, world.bindings.store.byIndex('secret', secretKey));
    enqueue(clients, world.clients.store.byIndex('secret', secretKey));
  };

  world.issuers.onChange(({ key }) => {
    enqueue(issuers, world.issuers.store.list());
    const ofIssuer = world.clients.store.byIndex('issuer', key);
    enqueue(clients, ofIssuer);
    // Registrations whose OAuthClient is gone wait for it too.
    for (const { clientKey } of world.registrations.store.byIndex('issuer', key))
      if (clientKey !== undefined) clients.enqueue(clientKey);
    for (const client of ofIssuer)
      enqueue(bindings, world.bindings.store.byIndex('client', keyOf(client.namespace, client.name)));
  });

  world.scopes.onChange((change) => {
    // Our own status writes concern nobody else.
    if (!isNewForm(change)) return;
    enqueue(scopes, world.scopes.store.list());
    enqueue(clients, world.clients.store.list());
    enqueue(bindings, world.bindings.store.list());
  });

  world.clients.onChange((change) => {
    clients.enqueue(change.key);
    enqueue(bindings, world.bindings.store.byIndex('client', change.key));
    if (!isNewForm(change)) return;
    for (const kept of [change.previous, change.current]) {
      const account = kept && serviceAccountOf(kept);
      if (account !== undefined) enqueue(clients, world.clients.store.byIndex('serviceAccount', account));
      writersOf(kept && credentialsSecretOf(kept));
    }
    if (cameOrWent(change)) recount();
  });

  world.bindings.onChange((change) => {
    bindings.enqueue(change.key);
    if (!isNewForm(change)) return;
    for (const kept of [change.previous, change.current]) writersOf(kept && tokenSecretOf(kept));
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
    for (const registration of [previous, current]) {
      if (registration?.clientKey !== undefined) clients.enqueue(registration.clientKey);
    }
  });

  return [issuers, scopes, clients, bindings];
}

interface ChangeOf<T> {
  readonly previous: T | undefined;
  readonly current: T | undefined;
}

const cameOrWent = ({ previous, current }: ChangeOf<unknown>): boolean =>
  previous === undefined || current === undefined;

/** Whether an object came, went, was replaced by another of its name, or says something else in its spec. */
const isNewForm = ({ previous, current }: ChangeOf<Kept<ConditionedObject>>): boolean =>
  previous?.uid !== current?.uid || generationOf(previous) !== generationOf(current);

const generationOf = (kept: Kept<ConditionedObject> | undefined): number | undefined =>
  (kept?.object ?? kept?.malformed)?.metadata.generation;
