import type { KubeObject } from '../../src/kube/objects.ts';
import type { IssuerFailure } from '../../src/ports/issuer-failure.ts';
import { minutes, seconds } from '../../src/std/duration.ts';
import { err } from '../../src/std/result.ts';
import { aCluster, type Cluster } from './a-cluster.ts';
import { aClient, anIssuer, aTenantScope, marking, withMetadata, withSpec, withStatus } from './objects.ts';

/*
 * What happens to the client of a cluster, and what can be seen of it.
 */

/** `status reason: message` of Ready. */
export const ready = (cluster: Cluster): string => cluster.condition('oauthclients', 'billing');
export const operations = ({ driver }: Cluster): string[] => driver.calls.map(({ operation }) => operation);
export const clientIDs = ({ driver }: Cluster): string[] => [...driver.clients.keys()];

const at = { namespace: 'acme-prod', name: 'billing' };
export const exists = ({ kube }: Cluster): boolean => kube.find('oauthclients', at) !== undefined;

/** Names of all Secrets, ours and the tenant's. */
export const secretNames = ({ kube }: Cluster): string[] =>
  [...kube.objects.values()].filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name);

/** Changes the client as it is stored now. */
export function change(
  cluster: Cluster,
  to: { readonly metadata?: object; readonly spec?: object },
  name = 'billing',
): void {
  const stored = cluster.kube.find<KubeObject & { spec: object }>('oauthclients', { ...at, name });
  if (stored === undefined) throw new Error('there is no client');
  const metadata = { ...stored.metadata, ...to.metadata };
  cluster.put({ ...stored, metadata, spec: { ...stored.spec, ...to.spec } } as KubeObject);
}

/** Asks for the deletion of the client. */
export const remove = (cluster: Cluster): void =>
  change(cluster, { metadata: { deletionTimestamp: '2026-06-01T12:00:00Z' } });

/** The client is gone, without us: somebody took our finalizer away. */
export function vanish({ kube, world }: Cluster): void {
  const uid = kube.find('oauthclients', at)?.metadata.uid ?? '';
  kube.remove('oauthclients', at);
  world.clients.store.forget('acme-prod/billing', uid);
}

export const away: IssuerFailure = { kind: 'unavailable', detail: 'no answer' };

/** The next such call does what it should at the issuer, and its answer gets lost. */
export function loseAnswerTo({ driver }: Cluster, operation: 'register' | 'update' | 'deregister'): void {
  const perform = driver[operation].bind(driver) as (...given: unknown[]) => Promise<unknown>;
  const losing = async (...given: unknown[]) => {
    await perform(...given);
    Object.assign(driver, { [operation]: perform });
    return err(away);
  };
  Object.assign(driver, { [operation]: losing });
}

/** Registers the client, and the answer cannot be stored: its controller tries for a while, then gives up. */
export async function registerWithoutRecord(cluster: Cluster): Promise<void> {
  const { driver, kube } = cluster;
  const register = driver.register.bind(driver);
  driver.register = (...given) => {
    kube.fail('replace', 'unavailable', 'secrets');
    return register(...given);
  };
  const gaveUp = cluster.client();
  await cluster.clock.advance(seconds(15));
  await gaveUp;
  driver.register = register;
}

/** Reconciles the client once a minute. */
export async function live(cluster: Cluster, howLong = 15): Promise<void> {
  for (let minute = 0; minute < howLong; minute++) {
    await cluster.client();
    await cluster.clock.advance(minutes(1));
  }
}

/** The TenantScope in this state; each change is another generation. */
export const scopeOf = (generation: number, suspend: boolean) =>
  aTenantScope(withMetadata({ generation }), withSpec({ suspend }));

export const anyLogin = {
  ...aTenantScope().spec.clients,
  authentication: ['Federated', 'PrivateKey', 'Secret', 'MutualTLS'] as const,
};

/** A new client that logs in with a secret. */
export const withSecret = aClient(
  withSpec({ authentication: { secret: { secretRef: { name: 'credentials' } } } }),
  withMetadata({ finalizers: [] }),
  withStatus({}),
);

/** A cluster before an issuer whose clients are managed by their marks. Its client may adopt others, and is not registered yet. */
export function aMarkingCluster(...others: readonly KubeObject[]): Cluster {
  const issuer = anIssuer(withStatus({ observedGeneration: 1, capabilities: [...marking] }));
  const scope = aTenantScope(withSpec({ clients: { ...anyLogin, adoption: 'Allowed' } }));
  const mine = [issuer, scope].filter(({ kind }) => !others.some((other) => other.kind === kind));
  const cluster = aCluster(...mine, ...others);
  cluster.driver.capabilities.add('ManageByMark').add('Adopt');
  return cluster;
}
