import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import { claimedClient } from '../domain/claimed-client.ts';
import { mayAdopt } from '../domain/client-ceiling-rules.ts';
import { type Aged, elderThan } from '../domain/eldest.ts';
import { audienceOf } from '../domain/plan-issuer.ts';
import { type Tenancy, tenancyOf } from '../domain/tenancy.ts';
import { hasRights } from '../domain/tenant-status.ts';
import { keyOf } from '../runtime/store.ts';
import type { Kept } from '../world/kept.ts';
import type { Environment } from './environment.ts';
import { clientIDOf, type World } from './world.ts';

/** The objects of those records that could be read. */
const objectsOf = <T>(records: Iterable<Kept<T>>): T[] =>
  Array.from(records, ({ object }) => object).filter((object) => object !== undefined);

export const allScopes = (world: Pick<World, 'scopes'>): TenantScope[] =>
  objectsOf(world.scopes.store.list());

/** `spec.tenantID` of the tenant that a namespace is, where it is one. */
export function tenantIDOf(
  { world, ownNamespace }: Pick<Environment, 'world' | 'ownNamespace'>,
  namespace: string,
): string | undefined {
  const tenancy = tenancyOf(world.namespaces.store.get(namespace), allScopes(world), ownNamespace);
  return tenancy.kind === 'tenant' ? tenancy.scope.spec.tenantID : undefined;
}

/** The TenantScope that a status names, while it is that one and no other of its name. */
export function grantingScope(
  world: World,
  source: { readonly name: string; readonly uid: string } | undefined,
): TenantScope | undefined {
  const scope = source && world.scopes.store.get(source.name)?.object;
  return scope?.metadata.uid === source?.uid ? scope : undefined;
}

/** `Kind name` of an older object that writes to the Secret `secretKey`, be it for tokens or for credentials. */
export function secretHolder(
  world: World,
  writer: WorkloadIdentityBinding | OAuthClient,
  secretKey: string,
): string | undefined {
  const writers: (Aged & { readonly kind: string; readonly metadata: { readonly name: string } })[] = [
    ...objectsOf(world.bindings.store.byIndex('secret', secretKey)),
    ...objectsOf(world.clients.store.byIndex('secret', secretKey)),
  ];
  const elder = elderThan(writer, writers);
  return elder && `${elder.kind} ${elder.metadata.name}`;
}

/** Name of an older client that is federated for the same ServiceAccount at the same issuer. */
export function serviceAccountHolder(world: World, client: OAuthClient): string | undefined {
  const name = client.spec.authentication.federated?.serviceAccountName;
  if (name === undefined) return undefined;
  const rivals = objectsOf(
    world.clients.store.byIndex('serviceAccount', keyOf(client.metadata.namespace, name)),
  );
  return elderThan(
    client,
    rivals.filter(({ spec }) => spec.issuerRef.name === client.spec.issuerRef.name),
  )?.metadata.name;
}

/**
 * An older client that is the same one at the same issuer, in words that name nobody of another namespace. Those that a tenant may not
 * adopt keep them from nobody.
 */
export function clientIDHolder(
  { world, ownNamespace }: Pick<Environment, 'world' | 'ownNamespace'>,
  client: OAuthClient,
): string | undefined {
  const key = claimedClient(client) && clientIDOf({ object: client });
  if (!key) return undefined;
  const scopes = allScopes(world);
  const rivals = objectsOf(world.clients.store.byIndex('clientID', key)).filter((rival) => {
    const home = world.namespaces.store.get(rival.metadata.namespace);
    const tenancy = tenancyOf(home, scopes, ownNamespace);
    // Whoever has lost its tenant, perhaps by accident, is that client until it is taken away.
    const isStill = claimedClient(rival) === undefined || hasRights(rival);
    return isStill || mayAdopt({ client: rival, tenancy });
  });
  const elder = elderThan(client, rivals)?.metadata;
  if (elder === undefined) return undefined;
  return elder.namespace === client.metadata.namespace
    ? `OAuthClient ${elder.name}`
    : 'an OAuthClient of another namespace';
}

/**
 * Name of an older OAuthIssuer with which this one could be confused: the same identifier, the same audience, or the one's audience
 * being the other's identifier. An assertion for one of them might be good at the other.
 */
export function identifierHolder(world: World, issuer: OAuthIssuer): string | undefined {
  const names = [issuer.spec.issuer, audienceOf(issuer)];
  const rivals = objectsOf(world.issuers.store.list()).filter(
    (other) => names.includes(other.spec.issuer) || names.includes(audienceOf(other)),
  );
  return elderThan(issuer, rivals)?.metadata.name;
}

/**
 * Whether ServiceAccount tokens may be asked for this issuer. Without the list there are none that may: who deletes it must not thereby
 * allow all.
 */
export const isAudienceInstalled = (world: World, issuer: OAuthIssuer): boolean =>
  Array.from(world.audienceLists.store.list()).some(({ audiences }) => audiences.has(audienceOf(issuer)));

/** The first of these records that cannot be read, in a sentence. */
export const firstUnreadable = (...records: readonly (Kept<unknown> | undefined)[]): string | undefined =>
  records.find((kept) => kept?.malformed !== undefined)?.malformed?.problem;

/** A TenantScope that cannot be read might be the one of any namespace that no other selects. */
export function unreadableScope(world: World, tenancy: Tenancy): string | undefined {
  return tenancy.kind === 'none' ? firstUnreadable(...world.scopes.store.list()) : undefined;
}

/** The OAuthIssuers that are not ready, and why, one line each. */
export const unreadyIssuers = (world: World): string[] =>
  objectsOf(world.issuers.store.list()).flatMap(({ metadata, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return ready?.status === 'False'
      ? [`OAuthIssuer ${metadata.name}: ${ready.reason}: ${ready.message}`]
      : [];
  });
