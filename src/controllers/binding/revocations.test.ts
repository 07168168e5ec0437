import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { now } from '../../../test/gen/facts.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { plus } from '../../std/instant.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { Revocations } from './revocations.ts';

const away: ActionFailure = { reason: 'IssuerUnavailable', message: 'no answer', retry: 'soon' };
const no: ActionFailure = { reason: 'IssuerRejected', message: 'no', retry: 'slow' };
const forEver = new AbortController().signal;
const key = 'acme-prod/billing-api';

/** Revokes a token of five minutes with these answers, the last of them for ever. */
function revoking(term: AbortSignal, ...answers: readonly Result<void, ActionFailure>[]) {
  const clock = new FakeClock(now);
  const revocations = new Revocations(clock);
  void revocations.run(term);
  const settled: string[] = [];
  revocations.onSettled((one) => settled.push(one));
  let calls = 0;
  const secret = { secretUID: 'uid-secret', resourceVersion: '7' };
  revocations.start({ key, ...secret, endsAt: plus(now, minutes(5)) }, async () => {
    calls += 1;
    return answers[Math.min(calls, answers.length) - 1] ?? ok(undefined);
  });
  const outcome = () => revocations.of(key).get('uid-secret')?.outcome ?? 'nothing';
  return { clock, revocations, settled, outcome, calls: () => calls };
}

describe('a token that is revoked', () => {
  it('is confirmed when the issuer says so, and its binding is looked at again', async () => {
    const { clock, outcome, settled } = revoking(forEver, ok(undefined));
    expect(outcome()).toBe('nothing');
    await clock.advance(seconds(0));
    expect([outcome(), settled]).toEqual(['Confirmed', [key]]);
  });

  it('is tried again while the issuer is away, and confirmed when it is back', async () => {
    const { clock, outcome } = revoking(forEver, err(away), err(away), ok(undefined));
    await clock.advance(seconds(1));
    expect(outcome()).toBe('nothing');
    await clock.advance(seconds(3));
    expect(outcome()).toBe('Confirmed');
  });

  it('is given up where the issuer says no', async () => {
    const { clock, outcome, calls } = revoking(forEver, err(no));
    await clock.advance(minutes(1));
    expect([outcome(), calls()]).toEqual(['Unconfirmed', 1]);
  });

  it('is not asked for any more once it has ended by itself, and then forgotten', async () => {
    const { clock, revocations, settled, calls } = revoking(forEver, err(away));
    await clock.advance(minutes(6));
    const asked = calls();
    await clock.advance(minutes(10));
    expect([settled, calls() - asked, revocations.of(key).size]).toEqual([[key], 0, 0]);
  });

  it('is not asked for any more by one who does not lead any more, and forgotten', async () => {
    const term = new AbortController();
    const { clock, revocations, calls, settled } = revoking(term.signal, err(away));
    await clock.advance(seconds(0));
    term.abort();
    await clock.advance(minutes(4));
    expect([calls(), settled, revocations.of(key).size]).toEqual([1, [key], 0]);
  });
});
