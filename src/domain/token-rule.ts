import type { Reason } from '../api/reasons.ts';
import type { Duration } from '../std/duration.ts';
import type { Instant } from '../std/instant.ts';
import type { Claims } from './claim-paths.ts';
import type { Grant } from './grant.ts';

/** What the issuer says of a token: its signed claims, and what came beside it in the answer (RFC 6749 section 5.1). */
export interface TokenFacts {
  readonly claims: Claims;
  readonly expiresIn?: Duration;
  readonly scope?: string;
  /** RFC 7638 thumbprint of the key that it was asked to be bound to, if it was. */
  readonly keyThumbprint?: string;
  /** Nobody can look into it, so that there are no claims. */
  readonly unverified?: true;
}

/** Why a token is not delivered. */
export interface TokenRefusal {
  readonly reason: Extract<
    Reason,
    'TokenRefused' | 'TokenUnverifiable' | 'ClockSkew' | 'RotationFloorUnreachable'
  >;
  readonly message: string;
  /** It can do more than it may, so it is revoked where the issuer can. */
  readonly tooPowerful: boolean;
}

/** A token, what it was asked for, and when it came. */
export interface CheckInput {
  readonly token: TokenFacts;
  readonly grant: Grant;
  readonly receivedAt: Instant;
}

export type TokenRule = (input: CheckInput) => TokenRefusal | undefined;

export const refuse = (message: string, tooPowerful = false): TokenRefusal => ({
  reason: 'TokenRefused',
  message,
  tooPowerful,
});
