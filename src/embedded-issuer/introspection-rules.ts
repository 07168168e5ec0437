import { type Client, errors } from 'oidc-provider';
import { ceilingOf } from './client-rules.ts';

/** As much of a token as these decisions rest on. */
interface KnownToken {
  readonly clientId?: string | undefined;
  readonly aud?: unknown;
}

const isOwner = (client: Client, { clientId }: KnownToken): boolean => client.clientId === clientId;

/**
 * Who is told what a token is (RFC 7662 section 4): the client that holds it, and a resource server that it is for, if that was
 * registered as one. To everyone else it is inactive, and so it is to a client that has nothing to prove itself with here.
 */
export const mayIntrospect = (_ctx: unknown, client: Client, token: KnownToken): boolean =>
  client.clientAuthMethod !== 'none' &&
  (isOwner(client, token) || ceilingOf(client)?.introspects?.includes(String(token.aud)) === true);

/** Who may revoke a token (RFC 7009 section 2.1): the client that it was issued to. */
export function mayRevoke(_ctx: unknown, client: Client, token: KnownToken): boolean {
  if (isOwner(client, token)) return true;
  throw new errors.UnauthorizedClient('the token was issued to another client');
}
