import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { plus } from '../../std/instant.ts';
import { err, ok } from '../../std/result.ts';
import { Secret } from '../../std/secret.ts';
import { type RequestToken, ServiceAccountTokens } from './service-account-tokens.ts';

const account = { namespace: 'acme', name: 'billing', uid: 'uid-1' };
const { signal } = new AbortController();

function setUp() {
  const clock = new FakeClock();
  const asked: string[] = [];
  let answers = true;
  let keyID = 'first';
  let last = new Secret('none');
  const request: RequestToken = async ({ uid }, audience, limit) => {
    if (limit.aborted) return err({ kind: 'unavailable', message: 'not sent' });
    asked.push(`${uid} for ${audience}`);
    await Promise.resolve();
    if (!answers) return err({ kind: 'unavailable', message: 'no answer' });
    const expiresAt = plus(clock.now(), minutes(10));
    return ok({ token: new Secret(`token ${asked.length}`), expiresAt, keyID });
  };
  const tokens = new ServiceAccountTokens(request, clock);
  const get = async (reusable = true, who = account, audience = 'a') => {
    const answer = await tokens.assertion(who, audience, reusable, signal);
    if (answer.ok) last = answer.value;
    return answer.ok ? answer.value.reveal() : answer.error;
  };
  const getAsStopped = () => tokens.assertion(account, 'a', true, AbortSignal.abort());
  const refused = (assertion = last) => tokens.refused(account, 'a', assertion);
  const rotate = () => (keyID = 'second');
  return {
    clock,
    asked,
    get,
    getAsStopped,
    refused,
    rotate,
    lastToken: () => last,
    fail: () => (answers = false),
    mend: () => (answers = true),
  };
}

describe('a ServiceAccount token as assertion', () => {
  it('is shared while it lives, and asked for anew two minutes before its end', async () => {
    const { clock, get, asked } = setUp();
    expect(await get()).toBe('token 1');
    await clock.advance(minutes(7));
    expect(await get()).toBe('token 1');
    await clock.advance(minutes(1));
    expect(await get()).toBe('token 2');
    expect(asked).toHaveLength(2);
  });

  it('is asked for once by all who want it at the same time', async () => {
    const { get, asked } = setUp();
    expect(await Promise.all([get(), get(), get()])).toEqual(['token 1', 'token 1', 'token 1']);
    expect(asked).toHaveLength(1);
  });

  it('is asked for by nobody who was told to stop', async () => {
    const { getAsStopped, asked } = setUp();
    expect(await getAsStopped()).toMatchObject({ ok: false });
    expect(asked).toEqual([]);
  });

  it('is not shared where the issuer takes each only once', async () => {
    const { get } = setUp();
    expect(await get(false)).toBe('token 1');
    expect(await get(false)).toBe('token 2');
  });

  it('rule 4: is another one for another audience and for a recreated ServiceAccount', async () => {
    const { get, asked } = setUp();
    await get();
    await get(true, account, 'b');
    await get(true, { ...account, uid: 'uid-2' });
    expect(asked).toEqual(['uid-1 for a', 'uid-1 for b', 'uid-2 for a']);
  });

  it('is not used past its end when the clock was set back meanwhile', async () => {
    const { clock, get } = setUp();
    await get();
    clock.jump(plus(clock.now(), minutes(-10)));
    await clock.advance(minutes(7));
    expect(await get()).toBe('token 1');
    await clock.advance(minutes(1));
    expect(await get()).toBe('token 2');
  });

  it('is not used past its end when the clock was set forward, or the machine slept', async () => {
    const { clock, get } = setUp();
    await get();
    clock.jump(plus(clock.now(), minutes(10)));
    expect(await get()).toBe('token 2');
  });

  it('that an issuer refused is not shown again', async () => {
    const { get, refused } = setUp();
    await get();
    refused();
    expect(await get()).toBe('token 2');
  });

  it('that was refused when another one is shared already does not take that one away', async () => {
    const { get, refused, lastToken } = setUp();
    await get();
    const first = lastToken();
    refused();
    await get();
    refused(first);
    expect(await get()).toBe('token 2');
  });

  it('that was refused is known to have been shown before, or not', async () => {
    const { get, refused } = setUp();
    await get();
    expect(refused()).toMatchObject({ wasShown: false });
    await get();
    await get();
    expect(refused()).toMatchObject({ wasShown: true });
    await get(false);
    expect(refused()).toMatchObject({ wasShown: false });
  });

  it('that was refused is known to be signed by a new key, but for the key that was in use at the beginning', async () => {
    const { clock, get, refused, rotate } = setUp();
    await get();
    expect(refused()).toMatchObject({ keyAge: undefined });
    rotate();
    await get();
    await clock.advance(seconds(20));
    await get();
    expect(refused()).toMatchObject({ keyAge: seconds(20) });
  });

  it('that could not be had is asked for again', async () => {
    const { get, fail, mend } = setUp();
    fail();
    expect(await get()).toMatchObject({ reason: 'TokenRequestFailed', retry: 'soon' });
    mend();
    expect(await get()).toBe('token 2');
  });
});
