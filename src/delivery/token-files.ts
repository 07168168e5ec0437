import { canonicalJson, type Json } from '../std/canonical-json.ts';
import { formatInstant, type Instant } from '../std/instant.ts';
import type { Secret } from '../std/secret.ts';

/** A token with all that a workload may want to know of it. */
export interface DeliveredToken {
  readonly token: Secret;
  readonly tokenType: string;
  /** The key that it is bound to, as a private JWK. */
  readonly tokenKey?: Secret<{ readonly [member: string]: Json }>;
  readonly issuer: string;
  readonly clientID: string;
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Instant;
  readonly generation: number;
}

/** The files of every delivery. */
export const tokenFileNames = ['token', 'token_type', 'expires_at', 'metadata.json'] as const;
type TokenFileName = (typeof tokenFileNames)[number];

/** The files of a delivery, the same in a Secret and in a volume; `dpop.jwk` beside them where the token is bound to a key. */
export function tokenFiles(
  delivered: DeliveredToken,
): Readonly<Record<TokenFileName, string> & Partial<Record<'dpop.jwk', string>>> {
  const { token, tokenType, tokenKey, issuer, clientID, audience, scopes, expiresAt, generation } = delivered;
  const metadata = {
    issuer,
    client_id: clientID,
    audience,
    scope: scopes.join(' '),
    expires_at: formatInstant(expiresAt),
    generation,
  };
  return {
    token: token.reveal(),
    token_type: tokenType,
    expires_at: formatInstant(expiresAt),
    'metadata.json': canonicalJson(metadata),
    ...(tokenKey ? { 'dpop.jwk': canonicalJson(tokenKey.reveal()) } : {}),
  };
}
