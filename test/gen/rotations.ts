import type { ClientAuthentication } from '../../src/ports/issuer-driver.ts';
import { hours, minutes } from '../../src/std/duration.ts';
import { Secret } from '../../src/std/secret.ts';
import { aReadyCluster, type Cluster } from './a-cluster.ts';
import { anyLogin, change } from './client-steps.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from './objects.ts';

/*
 * A client whose credential is replaced now and then, and what can be seen of it.
 */

export const every = hours(240);
export const overlap = minutes(30);

export const methods = ['privateKey', 'secret', 'mutualTLS'] as const;
export type Method = (typeof methods)[number];

/** Its `spec.authentication`. */
export const rotated = (method: Method, rotation: object | null = { every, overlap }) =>
  ({
    [method]: {
      secretRef: { name: 'credentials' },
      ...(method === 'privateKey' ? { algorithm: 'ES256' } : {}),
      ...(rotation && { rotation }),
    },
  }) as never;

/** A new client that logs in so. */
export const aRotatedClient = (method: Method, rotation?: object) =>
  aClient(
    withSpec({ authentication: rotated(method, rotation) }),
    withMetadata({ finalizers: [], creationTimestamp: '2026-06-01T12:00:00Z' }),
    withStatus({}),
  );

/** A cluster with that client, registered. */
export const aRotatedCluster = (method: Method, rotation?: object): Promise<Cluster> =>
  aReadyCluster(aRotatedClient(method, rotation), aTenantScope(withSpec({ clients: anyLogin })));

/** What a consumer finds in the Secret. */
export type Found = Readonly<Record<string, string>> | undefined;
export const found = (cluster: Cluster): Found => cluster.secret('credentials');

/** What logs in with what was found. */
function loginWith(values: NonNullable<Found>): ClientAuthentication {
  const { 'private_key.jwk': key, 'tls.crt': certificate, 'tls.key': privateKey = '' } = values;
  if (certificate !== undefined)
    return { method: 'MutualTLS', certificate: { certificate, privateKey: new Secret(privateKey) } };
  return key === undefined
    ? { method: 'Secret', clientSecret: new Secret(values['client_secret'] ?? '') }
    : { method: 'PrivateKey', privateKey: new Secret(JSON.parse(key) as Record<string, string>) };
}

/** Whether the issuer gives a token for what a consumer found, now or earlier. */
export async function opens({ driver }: Cluster, values: Found): Promise<boolean> {
  if (values === undefined) return false;
  const grant = {
    clientID: values['client_id'] ?? '',
    authentication: loginWith(values),
    scopes: ['invoices.read'],
    audience: 'https://api.example',
  };
  const call = { signal: new AbortController().signal, correlationID: 'consumer', tenantID: 'acme' };
  const answer = await driver.requestToken(grant, call);
  driver.calls.pop();
  return answer.ok;
}

/** Asks for a rotation by hand. */
export const ask = (cluster: Cluster, value: string): void =>
  change(cluster, { metadata: { annotations: { 'grantor.dev/rotate': value } } });

export interface Told {
  readonly phase?: string;
  readonly since?: string;
  readonly next?: string;
  readonly waitsFor?: string;
  readonly rotatedAt?: string;
}

/** `status.rotation`. */
export const told = ({ kube }: Cluster): Told | undefined =>
  (
    kube.find('oauthclients', { namespace: 'acme-prod', name: 'billing' }) as
      | { readonly status?: { readonly rotation?: Told } }
      | undefined
  )?.status?.rotation;

/** How many credentials the issuer takes from the client. */
export function accepted({ driver }: Cluster): number {
  const [client] = driver.clients.values();
  const registered = client?.desired.authentication;
  return registered?.method === 'PrivateKey' || registered?.method === 'MutualTLS'
    ? registered.publicKeys.length
    : (client?.clientSecrets.length ?? 0);
}
