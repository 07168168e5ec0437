import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aServiceAccountToken } from '../../test/fakes/fake-issuer-driver.ts';
import { now } from '../../test/gen/facts.ts';
import type { Json } from '../std/canonical-json.ts';
import { hours } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import { Secret } from '../std/secret.ts';
import { readPodToken } from './pod-token.ts';
import { PodTokens } from './pod-tokens.ts';

const audience = 'https://login.example';
const bound = {
  namespace: 'acme-prod',
  pod: { name: 'web-1', uid: 'uid-web-1' },
  serviceaccount: { name: 'billing', uid: 'uid-sa' },
};
const workload = {
  issuer: 'https://cluster',
  subject: 'system:serviceaccount:acme-prod:billing',
  uid: 'uid-sa',
};
const aToken = (claims: { readonly [claim: string]: Json } = {}): Secret =>
  aServiceAccountToken(workload, {
    aud: [audience],
    iat: 1000,
    exp: 4600,
    'kubernetes.io': bound,
    ...claims,
  });
const jwtOf = (payload: string): Secret => new Secret(`e30.${Buffer.from(payload).toString('base64url')}.x`);

describe('a ServiceAccount token', () => {
  it('says whose pod it is of', () => {
    expect(readPodToken(aToken(), audience)).toEqual({
      ok: true,
      value: {
        namespace: 'acme-prod',
        podUID: 'uid-web-1',
        serviceAccountName: 'billing',
        serviceAccountUID: 'uid-sa',
        life: hours(1),
      },
    });
  });

  it.each<[string, Secret, string]>([
    ['is no JWT', new Secret('hello'), 'it is no JWT'],
    ['has no claims', jwtOf('null'), 'it has another audience'],
    ['holds no JSON', jwtOf('{'), 'it is no JWT'],
    ['is longer than any', new Secret(randomBytes(15_000).toString('base64url')), 'it is too long'],
    ['is for somebody else', aToken({ aud: ['https://other.example'] }), 'it has another audience'],
    [
      'is for somebody else too',
      aToken({ aud: [audience, 'https://other.example'] }),
      'it has another audience',
    ],
    ['ends before it begins', aToken({ exp: 1000 }), 'it has no life'],
    ['never ends', aToken({ exp: '4600' }), 'it has no life'],
    ['is of no pod', aToken({ 'kubernetes.io': { ...bound, pod: null } }), 'it is not bound to a pod'],
    [
      'is of no ServiceAccount',
      aToken({ 'kubernetes.io': { ...bound, serviceaccount: { name: '' } } }),
      'it is not bound to a pod',
    ],
  ])('that %s is none', (_, token, words) => {
    expect(readPodToken(token, audience)).toEqual({ ok: false, error: words });
  });

  it('is read without throwing, and never told, whatever it is', () => {
    const anyToken = fc.oneof(
      fc.string(),
      fc.json().map((json) => jwtOf(json).reveal()),
      fc
        .dictionary(fc.constantFrom('aud', 'iat', 'exp', 'kubernetes.io'), fc.jsonValue())
        .map((claims) => jwtOf(JSON.stringify(claims)).reveal()),
    );
    fc.assert(
      fc.property(anyToken, (text) => {
        const read = readPodToken(new Secret(text), audience);
        if (!read.ok && text.length > 12) expect(read.error).not.toContain(text);
      }),
    );
  });
});

describe('the ServiceAccount tokens of pods', () => {
  const expiresAt = plus(now, hours(1));
  const bring = (tokens: PodTokens, token: Secret, pod = 'uid-web-1') =>
    tokens.take(pod, new Map([[audience, { token, expiresAt }]]));

  it('are awaited until the kubelet has called, and missing where it brought none for an audience', () => {
    const tokens = new PodTokens();
    expect(tokens.proof('uid-web-1', audience)).toEqual({ kind: 'awaited' });
    bring(tokens, aToken());
    expect(tokens.proof('uid-web-1', audience)).toMatchObject({ kind: 'given', expiresAt, spent: false });
    expect(tokens.proof('uid-web-1', 'other')).toEqual({ kind: 'missing', audience: 'other' });
    bring(tokens, new Secret('hello'));
    expect(tokens.proof('uid-web-1', audience)).toEqual({ kind: 'unreadable', detail: 'it is no JWT' });
    expect(tokens.lend('uid-web-1', audience, false)).toBeUndefined();
    tokens.forget('uid-web-1');
    expect(tokens.proof('uid-web-1', audience)).toEqual({ kind: 'awaited' });
  });

  it('are shown to an issuer that takes each only once by one volume of the pod, until the kubelet brings another', () => {
    const tokens = new PodTokens();
    const isSpent = () => (tokens.proof('uid-web-1', audience) as { readonly spent: boolean }).spent;
    bring(tokens, aToken());
    const loan = tokens.lend('uid-web-1', audience, true);
    expect([tokens.lend('uid-web-1', audience, true), isSpent()]).toEqual([undefined, true]);
    loan?.giveBack(false);
    expect(isSpent()).toBe(false);
    tokens.lend('uid-web-1', audience, true)?.giveBack(true);
    bring(tokens, aToken());
    expect([tokens.lend('uid-web-1', audience, true), isSpent()]).toEqual([undefined, true]);
    bring(tokens, aToken({ jti: 'another' }));
    expect(isSpent()).toBe(false);
  });

  it('are shown again and again to others', () => {
    const tokens = new PodTokens();
    bring(tokens, aToken());
    const shown = [1, 2].map(() => tokens.lend('uid-web-1', audience, false)?.token.reveal());
    expect(shown[0]).toBe(shown[1]);
  });
});
