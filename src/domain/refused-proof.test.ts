import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../std/duration.ts';
import { isWorthAnother, retryAfterRefusal } from './refused-proof.ts';

describe('a ServiceAccount token that an issuer did not take', () => {
  it.each([
    ['was shown before', { wasShown: true, keyAge: undefined }, undefined, true],
    ['is known there by its id', { wasShown: false, keyAge: undefined }, 'jti_known', true],
    ['was new', { wasShown: false, keyAge: undefined }, 'invalid_client', false],
  ])('and that %s: another one at once? %s', (_, proof, oauthError, another) => {
    expect(isWorthAnother(proof, oauthError)).toBe(another);
  });

  it.each([
    ['a key that has only just begun to sign, of which the issuer is about to know', seconds(20), 'soon'],
    ['a key that has signed for a while', minutes(2), 'slow'],
    ['the key that was in use when we came', undefined, 'slow'],
  ])('and that is signed by %s is shown again %s', (_, keyAge, retry) => {
    expect(retryAfterRefusal({ wasShown: false, keyAge }, 'slow')).toBe(retry);
  });
});
