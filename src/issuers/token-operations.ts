import type { IssuedToken, IssuerDriver, TokenGrant } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import { failure } from './classify.ts';
import { introspectToken } from './introspection.ts';
import type { Fetch } from './issuer-fetch.ts';
import type { IssuerSession } from './issuer-session.ts';
import type { Metadata } from './metadata.ts';
import { revokeToken } from './revocation.ts';
import { byResource, requestToken, type TokenDialect } from './token-request.ts';
import { isSigned, verifyToken } from './verify-token.ts';

/** What clients do at an issuer, by whatever means they came to be there. */
export function tokenOperations(
  { perform }: IssuerSession,
  dialect: TokenDialect = byResource,
): Pick<IssuerDriver, 'requestToken' | 'revoke'> {
  return {
    requestToken: (grant, call) =>
      perform('requestToken', 'token request', call, async ({ server, keys }, fetch) => {
        const answer = await requestToken(server, grant, dialect, fetch);
        if (!answer.ok) return err(failure('malformed', 'token request', answer.error));
        const { token } = answer.value;
        const canBeAsked = server.introspection_endpoint !== undefined;
        if (!isSigned(token) && !canBeAsked && grant.acceptUnverified)
          return ok({ ...answer.value, claims: {}, unverified: true });
        if (isSigned(token) || !canBeAsked) {
          const claims = await verifyToken(token, keys);
          return claims.ok ? ok({ ...answer.value, claims: claims.value }) : claims;
        }
        const claims = await introspect(server, token, grant, fetch);
        return claims.ok ? ok({ ...answer.value, claims: claims.value, introspected: true }) : claims;
      }),

    revoke: (token, client, call) =>
      perform('revoke', 'revocation', call, async ({ server }, fetch) =>
        ok(await revokeToken(server, token, client, fetch, dialect.assertionAudience)),
      ),
  };
}

/** What an opaque token is. An issuer that takes each proof of a client only once gets another. */
async function introspect(
  server: Metadata['server'],
  token: Secret,
  { clientID, authentication, secondProof }: TokenGrant,
  fetch: Fetch,
): Promise<Result<IssuedToken['claims'], IssuerFailure>> {
  const proof = secondProof ? await secondProof() : authentication;
  return proof === undefined
    ? err(failure('unavailable', 'introspection of the token', 'there is no second proof of the client'))
    : introspectToken(server, token, { clientID, authentication: proof }, fetch);
}
