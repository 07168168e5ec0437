import * as jose from 'jose';
import { seconds } from '../../std/duration.ts';
import { between, fromNumericDate, type Instant, plus } from '../../std/instant.ts';
import type { AdminToken } from '../own-login.ts';

/**
 * The latest that it can be by Keycloak's clock, in whole seconds since 1970, as a token of ours tells: what is void up to a time is counted
 * by that clock, whatever ours says. Nothing rests on the token's signature here.
 */
export function serverTime({ token, askedAt }: AdminToken, now: Instant): number {
  const { iat } = jose.decodeJwt(token.reveal());
  // It was rounded down.
  const issuedAt = iat === undefined ? askedAt : plus(fromNumericDate(iat), seconds(1));
  return Math.floor(plus(issuedAt, between(askedAt, now)) / 1000);
}
