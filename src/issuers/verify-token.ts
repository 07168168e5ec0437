import * as jose from 'jose';
import type { IssuedToken } from '../ports/issuer-driver.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';
import type { Json } from '../std/canonical-json.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import { failure } from './classify.ts';

/** Asymmetric only, `none` never (RFC 8725 section 3.1). */
const algorithms = ['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519'];
const what = 'check of the token';

/** Whether a token has the form of a signed JWT. What has it is judged by its signature alone. */
export const isSigned = (token: Secret): boolean => token.reveal().split('.').length === 3;

/**
 * Verifies the signature of a JWT access token with the issuer's keys and reads its payload. Nothing else is looked at here: what it
 * claims is compared with the grant by the domain. Throws what jose throws.
 */
export async function verifyToken(
  token: Secret,
  keys: jose.JWTVerifyGetKey | undefined,
): Promise<Result<IssuedToken['claims'], IssuerFailure>> {
  if (!isSigned(token)) return err(failure('unverifiable', what, 'the token is opaque, not a signed JWT'));
  if (keys === undefined)
    return err(failure('unverifiable', what, "the issuer's metadata names no jwks_uri"));
  const { payload } = await jose.compactVerify(token.reveal(), keys, { algorithms });
  const claims = parseObject(new TextDecoder().decode(payload));
  return claims === undefined
    ? err(failure('unverifiable', what, 'its payload is not a JSON object'))
    : ok(claims);
}

function parseObject(text: string): { readonly [claim: string]: Json } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, Json>)
      : undefined;
  } catch {
    return undefined;
  }
}
