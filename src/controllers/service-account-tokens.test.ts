import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { minutes } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import { err, ok } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { type RequestToken, ServiceAccountTokens } from './service-account-tokens.ts';

const account = { namespace: 'acme', name: 'billing', uid: 'uid-1' };
const { signal } = new AbortController();

function setUp() {
  const clock = new FakeClock();
  const asked: string[] = [];
  let answers = true;
  const request: RequestToken = async ({ uid }, audience) => {
    asked.push(`${uid} for ${audience}`);
    await Promise.resolve();
    if (!answers) return err({ kind: 'unavailable', message: 'no answer' });
    return ok({ token: new Secret(`token ${asked.length}`), expiresAt: plus(clock.now(), minutes(10)) });
  };
  const tokens = new ServiceAccountTokens(request, clock);
  const get = async (reusable = true, who = account, audience = 'a') => {
    const answer = await tokens.assertion(who, audience, reusable, signal);
    return answer.ok ? answer.value.reveal() : answer.error;
  };
  const refused = () => tokens.refused(account, 'a');
  return { clock, asked, get, refused, fail: () => (answers = false), mend: () => (answers = true) };
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

  it('that could not be had is asked for again', async () => {
    const { get, fail, mend } = setUp();
    fail();
    expect(await get()).toMatchObject({ reason: 'TokenRequestFailed', retry: 'soon' });
    mend();
    expect(await get()).toBe('token 2');
  });
});
