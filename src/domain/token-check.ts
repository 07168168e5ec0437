import type { Reason } from '../api/reasons.ts';
import type { Json } from '../std/canonical-json.ts';
import { type Duration, formatDuration, milliseconds, minutes, seconds } from '../std/duration.ts';
import { between, earliest, fromNumericDate, type Instant, plus } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Grant } from './grant.ts';
import { outside } from './scope-pattern.ts';

/** What the issuer says of a token: its signed claims, and what came beside it in the answer (RFC 6749 section 5.1). */
export interface TokenFacts {
  readonly claims: { readonly [claim: string]: Json };
  readonly expiresIn?: Duration;
  readonly scope?: string;
}

/** Why a token is not delivered. */
export interface TokenRefusal {
  readonly reason: Extract<Reason, 'TokenRefused' | 'ClockSkew' | 'RotationFloorUnreachable'>;
  readonly message: string;
  /** It can do more than it may, so it is revoked where the issuer can. */
  readonly tooPowerful: boolean;
}

/** When a token that passed was issued and until when it is served, by the clock here. */
export interface CheckedToken {
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly scopes: readonly string[];
}

interface CheckInput {
  readonly token: TokenFacts;
  readonly grant: Grant;
  readonly receivedAt: Instant;
}

type TokenRule = (input: CheckInput) => TokenRefusal | undefined;

const refuse = (message: string, tooPowerful = false): TokenRefusal => ({
  reason: 'TokenRefused',
  message,
  tooPowerful,
});

/** Lifetimes are whole seconds at most issuers; one second more is rounding, not power. */
const rounding = seconds(1);

/** How far clocks may be apart without anybody noticing. */
const skew = seconds(30);

/** How far the clock of an issuer may be ahead before its tokens count as living longer than they say. */
const issuerAhead = minutes(5);

const wordsOf = (text: string): string[] => text.split(' ').filter((word) => word !== '');

const audiencesOf = ({ aud }: TokenFacts['claims']): string[] =>
  (Array.isArray(aud) ? aud : [aud]).filter((item): item is string => typeof item === 'string');

/** What a claim says of scopes, as text (RFC 9068) or as a list; undefined where it is neither. */
function scopesIn(claim: Json): readonly string[] | undefined {
  if (typeof claim === 'string') return wordsOf(claim);
  return Array.isArray(claim) && claim.every((item) => typeof item === 'string') ? claim : undefined;
}

/**
 * What the token can do. Signed claims count first, `scp` as well as `scope`, since resource servers read either; then the answer;
 * and an answer without `scope` granted what was asked (RFC 6749 section 5.1). Undefined where a claim cannot be read.
 */
function grantedScopes({ token, grant }: CheckInput): readonly string[] | undefined {
  const claims = [token.claims['scope'], token.claims['scp']].filter((claim) => claim !== undefined);
  if (claims.length === 0) return token.scope === undefined ? grant.scopes : wordsOf(token.scope);
  const read = claims.map(scopesIn);
  return read.some((scopes) => scopes === undefined) ? undefined : read.flatMap((scopes) => scopes ?? []);
}

function ofThisIssuer({ token, grant }: CheckInput): TokenRefusal | undefined {
  return token.claims['iss'] === grant.issuer ? undefined : refuse(`iss of the token is not ${grant.issuer}`);
}

function forThisClient({ token, grant }: CheckInput): TokenRefusal | undefined {
  const client = token.claims['client_id'] ?? token.claims['azp'];
  return client === grant.clientID ? undefined : refuse(`client_id of the token is not ${grant.clientID}`);
}

function forThisAudienceAlone({ token, grant }: CheckInput): TokenRefusal | undefined {
  const audiences = audiencesOf(token.claims);
  if (!audiences.includes(grant.audience))
    return refuse(`aud of the token does not contain ${grant.audience}`);
  const others = outside([grant.audience], audiences);
  return others.length === 0
    ? undefined
    : refuse(`aud of the token also contains ${others.join(', ')}`, true);
}

function withTheseScopes(input: CheckInput): TokenRefusal | undefined {
  const granted = grantedScopes(input);
  if (granted === undefined) return refuse('scope of the token is neither text nor a list of texts', true);
  const more = outside(input.grant.scopes, granted);
  if (more.length > 0) return refuse(`scope of the token also contains ${more.join(' ')}`, true);
  const less = outside(granted, input.grant.scopes);
  return less.length === 0 ? undefined : refuse(`scope of the token lacks ${less.join(' ')}`);
}

function withTheseRoles({ token, grant }: CheckInput): TokenRefusal | undefined {
  const { roles = [] } = token.claims;
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) {
    return refuse('roles of the token is not a list of strings', true);
  }
  const more = outside(grant.roles, roles);
  if (more.length > 0) return refuse(`roles of the token also contains ${more.join(', ')}`, true);
  const less = outside(roles, grant.roles);
  return less.length === 0 ? undefined : refuse(`roles of the token lacks ${less.join(', ')}`);
}

function ofThisTenant({ token, grant }: CheckInput): TokenRefusal | undefined {
  const tenant = token.claims['tenant_id'];
  if (tenant === undefined || tenant === grant.tenantID) return undefined;
  return refuse(`tenant_id of the token is not ${grant.tenantID}`, true);
}

function withTheRequiredClaims({ token, grant }: CheckInput): TokenRefusal | undefined {
  for (const [claim, value] of Object.entries(grant.requiredClaims)) {
    if (!Object.hasOwn(token.claims, claim)) return refuse(`the token lacks the required claim ${claim}`);
    if (token.claims[claim] !== value) return refuse(`claim ${claim} of the token is not ${value}`);
  }
  return undefined;
}

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
  if (life <= grant.maxLifetime + rounding) return undefined;
  return refuse(
    `the token lives ${formatDuration(life)}; at most ${formatDuration(grant.maxLifetime)} is allowed (accessTokenLifetime of the OAuthClient, tokens.maxLifetime of the TenantScope)`,
    true,
  );
}

function notInTheFuture({ token, receivedAt }: CheckInput): TokenRefusal | undefined {
  const nbf = numericDate(token.claims['nbf']);
  if (nbf === undefined && token.claims['nbf'] !== undefined) return refuse('nbf of the token is no date');
  if (nbf === undefined || nbf <= plus(receivedAt, issuerAhead)) return undefined;
  return { reason: 'ClockSkew', message: 'the token is not valid yet: clocks differ', tooPowerful: false };
}

function aliveByOurClock(input: CheckInput): TokenRefusal | undefined {
  if (servedUntil(input) > input.receivedAt) return undefined;
  return {
    reason: 'ClockSkew',
    // No times in it: a text that changes at each try would be a status write at each try.
    message: 'the token ends before it arrives: clocks differ, or it lives too briefly',
    tooPowerful: false,
  };
}

/** The earliest of all that bounds a life: a clock that is wrong, here or there, can shorten it but never prolong it. */
function servedUntil({ token, grant, receivedAt }: CheckInput): Instant {
  const exp = numericDate(token.claims['exp']);
  const iat = numericDate(token.claims['iat']);
  const bounds = [plus(receivedAt, grant.maxLifetime)];
  if (exp !== undefined) bounds.push(exp);
  if (exp !== undefined && iat !== undefined) bounds.push(plus(receivedAt, between(iat, exp)));
  if (token.expiresIn !== undefined) bounds.push(plus(receivedAt, token.expiresIn));
  return earliest(...bounds);
}

/** Every token passes these before it is delivered. The order is the order of explanation, not of importance. */
const tokenRules: readonly TokenRule[] = [
  ofThisIssuer,
  forThisClient,
  forThisAudienceAlone,
  withTheseScopes,
  withTheseRoles,
  ofThisTenant,
  withTheRequiredClaims,
  withinTheLifetime,
  notInTheFuture,
  aliveByOurClock,
];

/** Compares a token, whose signature was verified, with what was asked for and with the ceiling. */
export function checkToken(
  token: TokenFacts,
  grant: Grant,
  receivedAt: Instant,
): Result<CheckedToken, TokenRefusal> {
  const input = { token, grant, receivedAt };
  const refusals = tokenRules.map((rule) => rule(input)).filter((refusal) => refusal !== undefined);
  const first = refusals.find((refusal) => refusal.tooPowerful) ?? refusals[0];
  if (first !== undefined) return err({ ...first, message: first.message.slice(0, 512) });
  return ok({ issuedAt: receivedAt, expiresAt: servedUntil(input), scopes: grantedScopes(input) ?? [] });
}
