import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import type { ClientAuthentication, IssuedToken, TokenGrant } from '../ports/issuer-driver.ts';
import { hours, milliseconds, seconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { type AssertionAudience, loginOf } from './client-authentication.ts';
import { grantRequest } from './grant-type.ts';
import type { Fetch } from './issuer-fetch.ts';

/** A token as the token endpoint answered it: well-formed, but not verified. */
export type UnverifiedToken = Omit<IssuedToken, 'claims'>;

/** How an issuer wants to be talked to by clients. Servers differ in how they name an audience. */
export interface TokenDialect {
  /** What says what a token is for, beside the parameters of the grant type. */
  readonly parameters: (grant: Pick<TokenGrant, 'scopes' | 'audience'>) => Readonly<Record<string, string>>;
  /** `aud` of assertions that clients sign themselves; the issuer identifier if left out. */
  readonly assertionAudience?: AssertionAudience;
}

/** One resource (RFC 8707). */
export const byResource: TokenDialect = {
  parameters: ({ scopes, audience }) => ({
    resource: audience,
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
  }),
};

/** Asks for an access token, by the grant type that goes with the proof of the client. Throws what oauth4webapi throws. */
export async function requestToken(
  server: oauth.AuthorizationServer,
  grant: TokenGrant,
  dialect: TokenDialect,
  fetch: Fetch,
): Promise<Result<UnverifiedToken, string>> {
  const dpop = grant.tokenKey && (await proofsWith(grant.tokenKey, { client_id: grant.clientID }));
  const ask = async (proof: ClientAuthentication): Promise<oauth.TokenEndpointResponse> => {
    const login = await loginOf(
      { clientID: grant.clientID, authentication: proof },
      server,
      fetch,
      dialect.assertionAudience,
    );
    const { grantType, parameters } = grantRequest(proof);
    const response = await oauth.genericTokenEndpointRequest(
      server,
      login.client,
      login.auth,
      grantType,
      { ...dialect.parameters(grant), ...parameters },
      { [oauth.customFetch]: login.fetch, ...(dpop ? { DPoP: dpop } : {}) },
    );
    return oauth.processGenericTokenEndpointResponse(server, login.client, response);
  };
  const answer = await ask(grant.authentication).catch(async (error: unknown) => {
    // The issuer wants a nonce of its own in the proof (RFC 9449 section 8), and has just said which.
    if (dpop === undefined || !oauth.isDPoPNonceError(error)) throw error;
    return ask((await grant.secondProof?.()) ?? grant.authentication);
  });
  return parseToken(answer, dpop ? 'DPoP' : 'Bearer');
}

/** What signs the proofs of one token's key. */
async function proofsWith(
  tokenKey: NonNullable<TokenGrant['tokenKey']>,
  client: oauth.Client,
): Promise<oauth.DPoPHandle> {
  const jwk = tokenKey.reveal();
  const { kty, crv, x, y } = jwk;
  const [privateKey, publicKey] = await Promise.all([
    jose.importJWK(jwk, 'ES256'),
    // Its public half is part of each proof.
    jose.importJWK({ kty, crv, x, y } as jose.JWK, 'ES256', { extractable: true }),
  ]);
  if (privateKey instanceof Uint8Array || publicKey instanceof Uint8Array)
    throw new TypeError('a symmetric key can not sign a proof');
  return oauth.DPoP(client, { privateKey, publicKey });
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
export function parseToken(
  answer: oauth.TokenEndpointResponse,
  tokenType: IssuedToken['tokenType'] = 'Bearer',
): Result<UnverifiedToken, string> {
  const { access_token: token, token_type: type, expires_in: expiresIn, scope } = answer;
  if (type !== tokenType.toLowerCase())
    return err(`the answer has a token_type that was not asked for; it should be ${tokenType}`);
  if (token.length > longestToken) return err(`the token is longer than ${longestToken / 1024} KiB`);
  if (!b64token.test(token))
    return err('the token holds characters that no bearer token may have (RFC 6750)');
  if (expiresIn !== undefined && expiresIn < 1) return err('expires_in of the answer is less than a second');
  return ok({
    token: new Secret(token),
    tokenType,
    ...(expiresIn === undefined
      ? {}
      : { expiresIn: milliseconds(Math.min(seconds(Math.floor(expiresIn)), longestLife)) }),
    ...(scope === undefined ? {} : { scope }),
  });
}
