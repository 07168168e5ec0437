import { canonicalJson } from '../std/canonical-json.ts';
import { formatInstant, type Instant } from '../std/instant.ts';
import type { Secret } from '../std/secret.ts';

/** A token with all that a workload may want to know of it. */
export interface DeliveredToken {
  readonly token: Secret;
  readonly tokenType: string;
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

/** The files of a delivery, the same in a Secret and in a volume. */
export function tokenFiles(delivered: DeliveredToken): Readonly<Record<TokenFileName, string>> {
  const { token, tokenType, issuer, clientID, audience, scopes, expiresAt, generation } = delivered;
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
  };
}
