import * as oauth from 'oauth4webapi';
import type { IssuedToken, TokenGrant } from '../ports/issuer-driver.ts';
import { hours, milliseconds, seconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { clientAuth } from './client-authentication.ts';
import type { Fetch } from './issuer-fetch.ts';

/** A token as the token endpoint answered it: well-formed, but not verified. */
export type UnverifiedToken = Omit<IssuedToken, 'claims'>;

/** Asks for an access token: client credentials (RFC 6749 section 4.4) for one resource (RFC 8707). Throws what oauth4webapi throws. */
export async function requestToken(
  server: oauth.AuthorizationServer,
  grant: TokenGrant,
  fetch: Fetch,
): Promise<Result<UnverifiedToken, string>> {
  const client = { client_id: grant.clientID };
  const parameters = new URLSearchParams({ resource: grant.audience });
  if (grant.scopes.length > 0) parameters.set('scope', grant.scopes.join(' '));
  const authentication = await clientAuth(grant.authentication, server);
  const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, {
    [oauth.customFetch]: fetch,
  });
  return parseToken(await oauth.processClientCredentialsResponse(server, client, response));
}

/** What fits into a header of any server that the workload will talk to. */
const longestToken = 16 * 1024;
/** `expires_in` of more than a year is a year: nobody's ceiling is above, and arithmetic stays within bounds. */
const longestLife = hours(365 * 24);
// RFC 6750 section 2.1: no CR, LF, NUL, blank or quote can reach a file or a header.
const b64token = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Checks the form of a token response. `expires_in` may be missing, since the token itself says when it expires; one that is not positive
 * would make the token renew for ever and is refused.
 */
export function parseToken(answer: oauth.TokenEndpointResponse): Result<UnverifiedToken, string> {
  const { access_token: token, token_type: type, expires_in: expiresIn, scope } = answer;
  if (type !== 'bearer')
    return err('the answer has a token_type that was not asked for; only Bearer is supported');
  if (token.length > longestToken) return err(`the token is longer than ${longestToken / 1024} KiB`);
  if (!b64token.test(token))
    return err('the token holds characters that no bearer token may have (RFC 6750)');
  if (expiresIn !== undefined && expiresIn < 1) return err('expires_in of the answer is less than a second');
  return ok({
    token: new Secret(token),
    tokenType: 'Bearer',
    ...(expiresIn === undefined
      ? {}
      : { expiresIn: milliseconds(Math.min(seconds(Math.floor(expiresIn)), longestLife)) }),
    ...(scope === undefined ? {} : { scope }),
  });
}
