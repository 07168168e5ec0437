import { isGoing } from '../domain/issuer-usable.ts';
import type { Withdrawable } from '../domain/last-withdrawal.ts';
import { type Refusable, reasonsOf } from '../domain/refused-by-reason.ts';
import { hasRights } from '../domain/tenant-status.ts';
import { type Controller, type ControllerOptions, createController } from '../runtime/controller.ts';
import type { Informer } from '../runtime/informer.ts';
import { type Change, keyOf, type StoreRecord } from '../runtime/store.ts';
import { type Json, sameJson } from '../std/canonical-json.ts';
import { hours, minutes, seconds } from '../std/duration.ts';
import type { ConditionedObject, Kept } from '../world/kept.ts';
import { createBindingReconciler } from './binding/binding-controller.ts';
import { countedNamespaces, createPodCount, isForVolumes } from './binding/pod-counts.ts';
import { createClientReconciler } from './client/client-controller.ts';
import type { Environment } from './environment.ts';
import { createIssuerReconciler } from './issuer/issuer-controller.ts';
import { createSweep } from './issuer/sweep-issuer.ts';
import { scopeReach } from './tenant/scope-reach.ts';
import { createTenantScopeReconciler } from './tenant/tenant-scope-controller.ts';
import type { OwnedSecret } from './tenant-secrets.ts';
import {
  clientIDOf,
  credentialsSecretOf,
  type NamespaceRecord,
  type RegistrationSecretRecord,
  type ServiceAccountRecord,
  serviceAccountOf,
  tokenSecretOf,
} from './world.ts';

type Common = Pick<ControllerOptions, 'clock' | 'rng' | 'log' | 'metrics' | 'tracer'>;

/** One kind's keys in a store, for resyncs and for changes that concern all. */
const keysOf = (records: Iterable<StoreRecord>): string[] =>
  Array.from(records, ({ namespace, name }) => keyOf(namespace, name));

/**
 * The controllers of the four kinds and the sweep, and who is looked at again when what changes. Everything an object's decision reads must be on a line here
 * that leads to it.
 */
export function createControllers(environment: Environment, common: Common): readonly Controller[] {
  const { world, census } = environment;
  const { clock } = common;
  /** Keys of all objects, and of those that are gone and left something behind. */
  const keys = {
    issuers: () => keysOf(world.issuers.store.list()),
    scopes: () => keysOf(world.scopes.store.list()),
    clients: () => [
      ...keysOf(world.clients.store.list()),
      ...ownersOf(world.credentialsSecrets.store.list()),
      ...clientsOf(world.registrations.store.list()),
    ],
    counted: () => countedNamespaces(world),
    bindings: () => [...keysOf(world.bindings.store.list()), ...ownersOf(world.tokenSecrets.store.list())],
  };
  const controller = (
    name: string,
    reconcile: ControllerOptions['reconcile'],
    keys: () => readonly string[],
    concurrency: number,
    lingering = concurrency,
  ): Controller =>
    createController({
      ...{ ...common, name, reconcile, concurrency, lingering },
      resync: { every: minutes(30), keys },
    });

  const issuers = controller('oauthissuer', createIssuerReconciler(environment), keys.issuers, 4);
  const scopes = controller('tenantscope', createTenantScopeReconciler(environment), keys.scopes, 2);
  // However many wait for an issuer that hangs, some are left to take away what may not stay.
  const clients = controller('oauthclient', createClientReconciler(environment), keys.clients, 20, 16);
  const bindings = controller(
    'workloadidentitybinding',
    createBindingReconciler(environment),
    keys.bindings,
    48,
    32,
  );

  const pods = controller('pods', createPodCount(environment, bindings), keys.counted, 1);

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
  /** The same for those that want to be one client of an issuer. */
  const claimantsOf = (clientID: string | undefined): void => {
    if (clientID !== undefined) enqueue(clients, world.clients.store.byIndex('clientID', clientID));
  };

  /** The tenant of a namespace may be another one, or may have other rights. */
  const lookInto = (namespace: string): void => {
    const inside = world.clients.store.byIndex('namespace', namespace);
    enqueue(clients, inside);
    // What it may adopt, others may not.
    for (const kept of inside) claimantsOf(clientIDOf(kept));
    enqueue(bindings, world.bindings.store.byIndex('namespace', namespace));
  };

  /** What still refers to an issuer matters only to one that is to go, and is counted at leisure. */
  const lookAtIssuer = (name: string | undefined): void => {
    const issuer = name === undefined ? undefined : world.issuers.store.get(name)?.object;
    if (issuer !== undefined && isGoing(issuer)) issuers.enqueue(issuer.metadata.name, { after: seconds(2) });
  };

  // Until everything is read nobody works, so what is read says nothing; then all is looked at, once. Otherwise each of a hundred
  // scopes would have each of ten thousand bindings looked at before any is.
  let complete = false;
  const onChange = <T extends StoreRecord>(
    informer: Pick<Informer<T>, 'onChange'>,
    handler: (change: Change<T>) => void,
  ): void =>
    informer.onChange((change) => {
      if (complete) handler(change);
    });
  const lookAtAll = async (): Promise<void> => {
    await Promise.all(Object.values(world).map(({ synced }) => synced));
    complete = true;
    const all = [
      [issuers, keys.issuers],
      [scopes, keys.scopes],
      [clients, keys.clients],
      [bindings, keys.bindings],
      [pods, keys.counted],
    ] as const;
    for (const [controller, keysOfAll] of all) {
      for (const key of keysOfAll()) {
        controller.enqueue(key);
        await clock.breathe();
      }
    }
  };
  void lookAtAll();

  environment.secretDelivery.follow(world.namespaces, lookInto);
  environment.looks.onDue((key) => clients.enqueue(key, { priority: 'due' }));
  environment.revocations.onSettled((key) => bindings.enqueue(key));
  census.onShift((kind, key) => (kind === 'clients' ? clients : bindings).enqueue(key));

  onChange(world.issuers, ({ key }) => {
    enqueue(issuers, world.issuers.store.list());
    const ofIssuer = world.clients.store.byIndex('issuer', key);
    enqueue(clients, ofIssuer);
    // Registrations whose OAuthClient is gone wait for it too.
    for (const { clientKey } of world.registrations.store.byIndex('issuer', key))
      if (clientKey !== undefined) clients.enqueue(clientKey);
    for (const client of ofIssuer)
      enqueue(bindings, world.bindings.store.byIndex('client', keyOf(client.namespace, client.name)));
  });

  onChange(world.scopes, (change) => {
    // Our own status writes concern nobody else.
    if (!isNewForm(change)) return;
    const reach = scopeReach(world, change);
    for (const name of [change.key, ...reach.scopes]) scopes.enqueue(name);
    for (const name of reach.namespaces) lookInto(name);
    // What it has granted it may take back, wherever that is now.
    enqueue(
      clients,
      havingOf(world.clients, ({ tenant }) => tenant, change.key),
    );
    enqueue(
      bindings,
      havingOf(world.bindings, ({ grant }) => grant?.derivedFrom.tenantScope, change.key),
    );
  });

  onChange(world.clients, (change) => {
    clients.enqueue(change.key);
    if (isCountedOtherwise(change)) recount();
    enqueue(bindings, world.bindings.store.byIndex('client', change.key));
    const [had, has] = [change.previous, change.current].map(
      (kept) => kept?.object && hasRights(kept.object),
    );
    if (had !== has) claimantsOf(change.current && clientIDOf(change.current));
    if (!isNewForm(change)) return;
    for (const kept of [change.previous, change.current]) {
      const account = kept && serviceAccountOf(kept);
      if (account !== undefined) enqueue(clients, world.clients.store.byIndex('serviceAccount', account));
      claimantsOf(kept && clientIDOf(kept));
      writersOf(kept && credentialsSecretOf(kept));
      lookAtIssuer(kept?.object?.spec.issuerRef.name);
    }
  });

  onChange(world.bindings, (change) => {
    bindings.enqueue(change.key);
    if (isCountedOtherwise(change)) recount();
    if (!isNewForm(change)) return;
    for (const kept of bothOf(change)) {
      writersOf(tokenSecretOf(kept));
      // A moment later there may be pods of it.
      if (isForVolumes(kept)) pods.enqueue(kept.namespace, { after: seconds(5) });
    }
  });

  onChange(world.namespaces, (change) => {
    if (!isNewHome(change)) return;
    lookInto(change.key);
    recount();
  });

  onChange(world.serviceAccounts, (change) => {
    if (!isNewAccount(change)) return;
    enqueue(clients, world.clients.store.byIndex('serviceAccount', change.key));
    enqueue(bindings, world.bindings.store.byIndex('serviceAccount', change.key));
  });

  onChange(world.audienceLists, () => {
    // The policy of the API server reads the list as well: who asks at once may be refused by the former one.
    const after = seconds(1);
    for (const key of keys.issuers()) issuers.enqueue(key, { after });
    for (const key of keys.bindings()) bindings.enqueue(key, { after });
  });

  onChange(world.tokenSecrets, (change) => {
    for (const key of ownersOf(bothOf(change))) bindings.enqueue(key);
  });

  onChange(world.credentialsSecrets, (change) => {
    for (const key of ownersOf(bothOf(change))) clients.enqueue(key);
  });

  onChange(world.registrations, (change) => {
    for (const key of clientsOf(bothOf(change))) clients.enqueue(key);
    for (const { record } of bothOf(change)) lookAtIssuer(record?.issuer);
  });

  // Nothing wakes it but time: not before its first hour, and never for a change.
  const sweep = createController({
    ...{ ...common, name: 'sweep', reconcile: createSweep(environment), concurrency: 1 },
    timeout: minutes(10),
    resync: { every: hours(1), keys: keys.issuers },
  });
  return [issuers, scopes, clients, bindings, pods, sweep];
}

/** The objects whose status says that a TenantScope gave them what they have. */
const havingOf = <T extends { readonly status?: object | undefined }>(
  { store }: Informer<Kept<T>>,
  sourceIn: (status: NonNullable<T['status']>) => { readonly name: string } | undefined,
  scope: string,
): Kept<T>[] =>
  Array.from(store.list()).filter(({ object }) => object?.status && sourceIn(object.status)?.name === scope);

/** Keys of the objects that Secrets were made for. */
const ownersOf = (secrets: Iterable<OwnedSecret>): string[] =>
  Array.from(secrets).flatMap(({ namespace, ownerName }) =>
    ownerName === undefined ? [] : [keyOf(namespace, ownerName)],
  );

const clientsOf = (registrations: Iterable<RegistrationSecretRecord>): string[] =>
  Array.from(registrations).flatMap(({ clientKey }) => (clientKey === undefined ? [] : [clientKey]));

const bothOf = <T>({ previous, current }: ChangeOf<T>): T[] =>
  [previous, current].filter((record) => record !== undefined);

interface ChangeOf<T> {
  readonly previous: T | undefined;
  readonly current: T | undefined;
}

type Countable = Refusable &
  Withdrawable &
  ConditionedObject & { readonly status?: { readonly clientID?: string } };

/** Whether an object came, went, asks for something else, or has a status that counts otherwise. */
const isCountedOtherwise = (change: ChangeOf<Kept<Countable>>): boolean =>
  isNewForm(change) || !sameJson(countedAs(change.previous), countedAs(change.current));

const countedAs = (kept: Kept<Countable> | undefined): Json[] => [
  reasonsOf(kept?.object ?? {}),
  kept?.object?.status?.withdrawal ?? null,
  // What has no registration yet holds nothing.
  kept?.object?.status?.clientID ?? null,
];

/** Whether a namespace came, went, has other labels, or is on its way out. */
const isNewHome = ({ previous, current }: ChangeOf<NamespaceRecord>): boolean =>
  previous?.uid !== current?.uid ||
  previous?.terminating !== current?.terminating ||
  !sameJson(previous?.labels, current?.labels);

/** Whether a ServiceAccount came, went, was replaced by another of its name, or has other labels. */
const isNewAccount = ({ previous, current }: ChangeOf<ServiceAccountRecord>): boolean =>
  previous?.uid !== current?.uid || !sameJson(previous?.labels, current?.labels);

/** Whether an object came, went, was replaced by another of its name, or says something else in its spec. */
const isNewForm = ({ previous, current }: ChangeOf<Kept<ConditionedObject>>): boolean =>
  previous?.uid !== current?.uid || generationOf(previous) !== generationOf(current);

const generationOf = (kept: Kept<ConditionedObject> | undefined): number | undefined =>
  (kept?.object ?? kept?.malformed)?.metadata.generation;
