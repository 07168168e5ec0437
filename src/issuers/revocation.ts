import * as oauth from 'oauth4webapi';
import type { TokenGrant } from '../ports/issuer-driver.ts';
import type { Secret } from '../std/secret.ts';
import { type AssertionAudience, loginOf } from './client-authentication.ts';
import type { Fetch } from './issuer-fetch.ts';

/** Revokes an access token (RFC 7009). A token that the issuer does not know is revoked already. Throws what oauth4webapi throws. */
export async function revokeToken(
  server: oauth.AuthorizationServer,
  token: Secret,
  client: Pick<TokenGrant, 'clientID' | 'authentication'>,
  fetch: Fetch,
  audienceOf?: AssertionAudience,
): Promise<void> {
  const login = await loginOf(client, server, fetch, audienceOf);
  const response = await oauth.revocationRequest(server, login.client, login.auth, token.reveal(), {
    additionalParameters: { token_type_hint: 'access_token' },
    [oauth.customFetch]: login.fetch,
  });
  await oauth.processRevocationResponse(response);
}
