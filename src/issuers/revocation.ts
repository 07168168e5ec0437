import * as oauth from 'oauth4webapi';
import type { TokenGrant } from '../ports/issuer-driver.ts';
import type { Secret } from '../std/secret.ts';
import { type AssertionAudience, clientAuth } from './client-authentication.ts';
import type { Fetch } from './issuer-fetch.ts';

/** Revokes an access token (RFC 7009). A token that the issuer does not know is revoked already. Throws what oauth4webapi throws. */
export async function revokeToken(
  server: oauth.AuthorizationServer,
  token: Secret,
  { clientID, authentication }: Pick<TokenGrant, 'clientID' | 'authentication'>,
  fetch: Fetch,
  audienceOf?: AssertionAudience,
): Promise<void> {
  const auth = await clientAuth(authentication, server, audienceOf);
  const response = await oauth.revocationRequest(server, { client_id: clientID }, auth, token.reveal(), {
    additionalParameters: { token_type_hint: 'access_token' },
    [oauth.customFetch]: fetch,
  });
  await oauth.processRevocationResponse(response);
}
