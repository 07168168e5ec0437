import type { SecretReach } from '../domain/secret-reach.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { Informer } from '../runtime/informer.ts';
import { createInformerSet, type InformerSet } from '../runtime/informer-set.ts';
import type { StoreRecord } from '../runtime/store.ts';
import { type Duration, seconds } from '../std/duration.ts';
import {
  type CredentialsSecretRecord,
  createTenantSecrets,
  type InformerEnvironment,
  type TenantSecrets,
  type TokenSecretRecord,
} from './tenant-secrets.ts';

/** The namespaces in which a platform admin has installed Secret delivery; `*` is all of them. */
export type SecretNamespaces = '*' | ReadonlySet<string>;

/** Where Secrets are delivered, and the caches of them. Elsewhere the API server is asked for none. */
export interface SecretDelivery {
  readonly secrets: TenantSecrets;
  reach(namespace: string): SecretReach;
  /** Reads the Secrets of namespaces as these come, and says when one has been read. Call it before the informers run. */
  follow(namespaces: Namespaces, onRead: (namespace: string) => void): void;
  /** The namespaces whose Secrets cannot be read, and why, one line each. */
  problems(): readonly string[];
}

type Namespaces = Pick<Informer<StoreRecord>, 'onChange' | 'store'>;
type Reader = Pick<KubeClient, 'list' | 'watch'>;

export const createSecretDelivery = (
  namespaces: SecretNamespaces,
  kube: Reader,
  environment: InformerEnvironment,
): SecretDelivery =>
  namespaces === '*' ? deliverEverywhere(kube, environment) : deliverIn(namespaces, kube, environment);

const deliverEverywhere = (kube: Reader, environment: InformerEnvironment): SecretDelivery => ({
  secrets: createTenantSecrets(kube, environment),
  reach: () => ({ kind: 'within' }),
  follow() {},
  problems: () => [],
});

/**
 * One informer for each namespace, since a list of all would need the right to read all. A namespace that is not there is not asked about: its
 * RoleBinding cannot be there either.
 */
function deliverIn(
  listed: ReadonlySet<string>,
  kube: Reader,
  environment: InformerEnvironment,
): SecretDelivery {
  const create = (namespace: string): TenantSecrets => createTenantSecrets(kube, environment, namespace);
  const tokenSecrets: InformerSet<TokenSecretRecord, 'owner'> = createInformerSet({
    name: 'token secrets',
    create: (namespace) => create(namespace).tokenSecrets,
  });
  const credentialsSecrets: InformerSet<CredentialsSecretRecord, 'owner'> = createInformerSet({
    name: 'credentials secrets',
    create: (namespace) => create(namespace).credentialsSecrets,
  });
  const informersOf = (namespace: string) => [tokenSecrets.in(namespace), credentialsSecrets.in(namespace)];

  /** When each was begun with (`Clock.elapsed`). */
  const since = new Map<string, Duration>();

  const reach = (namespace: string): SecretReach => {
    if (!listed.has(namespace)) return { kind: 'beyond' };
    const informers = informersOf(namespace);
    if (informers.every((informer) => informer?.hasSynced() === true)) return { kind: 'within' };
    const [problem] = informers.flatMap((informer) => informer?.health().problem ?? []);
    const isSlow = environment.clock.elapsed() - (since.get(namespace) ?? 0) >= patience;
    return { kind: 'unread', problem: isSlow ? problem : undefined };
  };

  return {
    secrets: {
      tokenSecrets: { ...tokenSecrets, health },
      credentialsSecrets: { ...credentialsSecrets, health },
    },
    reach,
    follow(namespaces, onRead) {
      namespaces.onChange(({ key, previous, current }) => {
        if (!listed.has(key) || (previous !== undefined && current !== undefined)) return;
        const there = new Set([...listed].filter((name) => namespaces.store.get(name) !== undefined));
        since.set(key, environment.clock.elapsed());
        tokenSecrets.follow(there);
        credentialsSecrets.follow(there);
        const read = informersOf(key).flatMap((informer) => informer?.synced ?? []);
        if (current !== undefined) void Promise.all(read).then(() => onRead(key));
      });
    },
    problems: () =>
      [...listed].flatMap((namespace) => {
        const found = reach(namespace);
        const problem = found.kind === 'unread' ? found.problem : undefined;
        return problem === undefined ? [] : [`Secrets of namespace ${namespace} cannot be read: ${problem}`];
      }),
  };
}

/** An API server that has just started refuses what it will allow in a moment: nothing is told of that. */
const patience = seconds(10);

/** What cannot be read in one namespace is told there. It keeps nobody from work elsewhere. */
const health = () => ({ synced: true, problem: undefined });
