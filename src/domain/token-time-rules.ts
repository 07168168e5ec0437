import type { Json } from '../std/canonical-json.ts';
import { type Duration, formatDuration, milliseconds, minutes, seconds } from '../std/duration.ts';
import { between, earliest, fromNumericDate, type Instant, plus } from '../std/instant.ts';
import { type CheckInput, refuse, type TokenRefusal, type TokenRule } from './token-rule.ts';

/** Lifetimes are whole seconds at most issuers; one second more is rounding, not power. */
const rounding = seconds(1);

/** How far clocks may be apart without anybody noticing. */
const skew = seconds(30);

/** How far the clock of an issuer may be ahead before its tokens count as living longer than they say. */
const issuerAhead = minutes(5);

/** A NumericDate (RFC 7519 section 2) between 1970 and the year 5138; anything else is no date. */
const numericDate = (value: Json | undefined): Instant | undefined =>
  typeof value === 'number' && value >= 0 && value <= 1e11 ? fromNumericDate(value) : undefined;

function withinTheLifetime({ token, grant, receivedAt }: CheckInput): TokenRefusal | undefined {
  const exp = numericDate(token.claims['exp']);
  const iat = numericDate(token.claims['iat']);
  if (exp === undefined) return refuse('exp of the token is missing or no date', true);
  if (iat === undefined && token.claims['iat'] !== undefined) return refuse('iat of the token is no date');
  // By its own account, and by the clock here: an iat in the future must not hide a life without end.
  const left = between(plus(receivedAt, iat === undefined ? skew : issuerAhead), exp);
  const life = milliseconds(iat === undefined ? left : Math.max(left, between(iat, exp)));
  return noLongerThan(grant.maxLifetime, life);
}

function noLongerThan(most: Duration, life: Duration): TokenRefusal | undefined {
  if (life <= most + rounding) return undefined;
  return refuse(
    `the token lives ${formatDuration(life)}; at most ${formatDuration(most)} is allowed (accessTokenLifetime of the OAuthClient, tokens.maxLifetime of the TenantScope)`,
    true,
  );
}

/** By what the answer says, where nothing else is known. */
export const withinTheLifetimeByItsAnswer: TokenRule = ({ token: { expiresIn }, grant }) =>
  expiresIn === undefined
    ? refuse('the answer does not say how long the token lives (expires_in)', true)
    : noLongerThan(grant.maxLifetime, expiresIn);

function notInTheFuture({ token, receivedAt }: CheckInput): TokenRefusal | undefined {
  const nbf = numericDate(token.claims['nbf']);
  if (nbf === undefined && token.claims['nbf'] !== undefined) return refuse('nbf of the token is no date');
  if (nbf === undefined || nbf <= plus(receivedAt, issuerAhead)) return undefined;
  return { reason: 'ClockSkew', message: 'the token is not valid yet: clocks differ', tooPowerful: false };
}

export function aliveByOurClock(input: CheckInput): TokenRefusal | undefined {
  if (servedUntil(input) > input.receivedAt) return undefined;
  return {
    reason: 'ClockSkew',
    // No times in it: a text that changes at each try would be a status write at each try.
    message: 'the token ends before it arrives: clocks differ, or it lives too briefly',
    tooPowerful: false,
  };
}

/** The earliest of all that bounds a life: a clock that is wrong, here or there, can shorten it but never prolong it. */
export function servedUntil({ token, grant, receivedAt }: CheckInput): Instant {
  const exp = numericDate(token.claims['exp']);
  const iat = numericDate(token.claims['iat']);
  const bounds = [plus(receivedAt, grant.maxLifetime)];
  if (exp !== undefined) bounds.push(exp);
  if (exp !== undefined && iat !== undefined) bounds.push(plus(receivedAt, between(iat, exp)));
  if (token.expiresIn !== undefined) bounds.push(plus(receivedAt, token.expiresIn));
  return earliest(...bounds);
}

/** How long a token lives, and whether it lives now. */
export const timeRules: readonly TokenRule[] = [withinTheLifetime, notInTheFuture, aliveByOurClock];
