import type { Instant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Grant } from './grant.ts';
import { grantedScopes, powerRules } from './token-power-rules.ts';
import type { TokenFacts, TokenRefusal, TokenRule } from './token-rule.ts';
import { servedUntil, timeRules } from './token-time-rules.ts';
import { unverifiedTokenRules } from './unverified-token-rules.ts';

/** When a token that passed was issued and until when it is served, by the clock here. */
export interface CheckedToken {
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly scopes: readonly string[];
}

/** Every token that can be looked into passes these before it is delivered. The order is the order of explanation, not of importance. */
const tokenRules: readonly TokenRule[] = [...powerRules, ...timeRules];

/** Compares a token, which was verified unless it says otherwise, with what was asked for and with the ceiling. */
export function checkToken(
  token: TokenFacts,
  grant: Grant,
  receivedAt: Instant,
): Result<CheckedToken, TokenRefusal> {
  const input = { token, grant, receivedAt };
  const rules = token.unverified ? unverifiedTokenRules : tokenRules;
  const refusals = rules.map((rule) => rule(input)).filter((refusal) => refusal !== undefined);
  const first = refusals.find((refusal) => refusal.tooPowerful) ?? refusals[0];
  if (first !== undefined) return err({ ...first, message: first.message.slice(0, 512) });
  return ok({ issuedAt: receivedAt, expiresAt: servedUntil(input), scopes: grantedScopes(input) ?? [] });
}
