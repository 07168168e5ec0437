import { describe, expect, it } from 'vitest';
import { aGrant, now } from '../../test/gen/facts.ts';
import { minutes, seconds } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import type { Grant } from './grant.ts';
import { checkToken } from './token-check.ts';
import type { TokenFacts } from './token-rule.ts';

/** A token that nobody can look into. */
const opaque = (beside: Partial<TokenFacts> = {}): TokenFacts => ({
  claims: {},
  unverified: true,
  expiresIn: minutes(10),
  ...beside,
});
const trusting = (change: Partial<Grant> = {}): Grant =>
  aGrant({ verification: 'AllowUnverified', requiredClaims: {}, ...change });

describe('a token that nobody can look into', () => {
  it('is refused, and not taken for a powerful one', () => {
    expect(checkToken(opaque(), aGrant({ requiredClaims: {} }), now)).toMatchObject({
      ok: false,
      error: { reason: 'TokenUnverifiable', tooPowerful: false },
    });
  });

  it.each<[string, TokenFacts, number]>([
    ['as long as the answer says', opaque(), 600],
    ['and may have its scopes in the answer', opaque({ scope: 'invoices.read', expiresIn: seconds(60) }), 60],
    ['no longer than the ceiling, rounding left out', opaque({ expiresIn: seconds(901) }), 900],
  ])('is served where that is allowed, %s', (_, token, lives) => {
    expect(checkToken(token, trusting(), now)).toMatchObject({
      ok: true,
      value: { expiresAt: plus(now, seconds(lives)), scopes: ['invoices.read'] },
    });
  });

  it.each<[string, TokenFacts, Partial<Grant>, string, boolean]>([
    ['has a scope more', opaque({ scope: 'invoices.read admin' }), {}, 'contains admin', true],
    ['has a scope less', opaque({ scope: '' }), {}, 'lacks invoices.read', false],
    ['lives too long', opaque({ expiresIn: minutes(16) }), {}, 'at most 15m', true],
    ['does not say how long it lives', { claims: {}, unverified: true }, {}, 'expires_in', true],
    ['should be bound to a key', opaque(), { proofOfPossession: 'DPoP' }, 'not bound to a key', true],
    ['must have a claim', opaque(), { requiredClaims: { region: 'eu' } }, 'claim region', false],
  ])('is refused even where it is allowed, if it %s', (_, token, change, words, tooPowerful) => {
    expect(checkToken(token, trusting(change), now)).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(words), tooPowerful },
    });
  });
});
