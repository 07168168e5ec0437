import * as oauth from 'oauth4webapi';
import type { IssuedToken, TokenGrant } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { Json } from '../std/canonical-json.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import { failure } from './classify.ts';
import { loginOf } from './client-authentication.ts';
import type { Fetch } from './issuer-fetch.ts';

/**
 * Asks the issuer what an opaque token is (RFC 7662). One that it calls inactive is not vouched for, whatever else it says. The answer may
 * leave out who gives it: it came from the endpoint that the issuer's metadata names. Throws what oauth4webapi throws.
 */
export async function introspectToken(
  server: oauth.AuthorizationServer,
  token: Secret,
  asking: Pick<TokenGrant, 'clientID' | 'authentication'>,
  fetch: Fetch,
): Promise<Result<IssuedToken['claims'], IssuerFailure>> {
  const { client, auth, ...login } = await loginOf(asking, server, fetch);
  const response = await oauth.introspectionRequest(server, client, auth, token.reveal(), {
    additionalParameters: { token_type_hint: 'access_token' },
    [oauth.customFetch]: login.fetch,
  });
  const { active, ...said } = await oauth.processIntrospectionResponse(server, client, response);
  return active
    ? ok({ iss: server.issuer, ...(said as Readonly<Record<string, Json>>) })
    : err(failure('unverifiable', 'introspection of the token', 'the issuer says that it is not active'));
}
