import { type Client, errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import { ceilingOf } from './client-rules.ts';
import { signingAlgorithm } from './signing-keys.ts';

/**
 * What a client may be granted, decided from its registration alone. oidc-provider asks for the resource first, then for the
 * lifetime and the claims.
 */

/** The resource when the request names none (RFC 8707 section 2): the client's audience if it has exactly one. */
export function defaultResource(_ctx: KoaContextWithOIDC, client: Client): string {
  const audiences = ceilingOf(client)?.audiences ?? [];
  const [only] = audiences;
  if (only === undefined) throw new errors.InvalidTarget('the client is registered for no audience');
  if (audiences.length > 1) {
    throw new errors.InvalidTarget('the client has several audiences; name one as resource');
  }
  return only;
}

/** Refuses a resource outside the client's audiences and scopes outside its scopes; nothing is dropped in silence. */
export function resourceServer(ctx: KoaContextWithOIDC, resource: string, client: Client): ResourceServer {
  if (!ceilingOf(client)?.audiences.includes(resource)) {
    throw new errors.InvalidTarget('the client is not registered for this resource');
  }
  const registered = new Set(client.scope?.split(' '));
  for (const scope of ctx.oidc.requestParamScopes) {
    if (!registered.has(scope)) {
      throw new errors.InvalidScope('the client is not registered for this scope', scope);
    }
  }
  return {
    audience: resource,
    scope: client.scope ?? '',
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: signingAlgorithm } },
  };
}

/** The life of a client's tokens, in seconds. */
export function accessTokenLifetime(_ctx: KoaContextWithOIDC, _token: unknown, client: Client): number {
  const ceiling = ceilingOf(client);
  if (ceiling === undefined) throw new errors.InvalidTarget('the client is registered for no audience');
  return ceiling.accessTokenLifetime;
}

/** The claims that say whose token it is and in which roles. */
export function tenantClaims(client: Client | undefined): Record<string, unknown> | undefined {
  const ceiling = client === undefined ? undefined : ceilingOf(client);
  return ceiling === undefined ? undefined : { tenant_id: ceiling.tenantID, roles: ceiling.roles };
}
