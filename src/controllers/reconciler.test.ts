import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import { seconds } from '../std/duration.ts';
import { type Instant, plus } from '../std/instant.ts';
import { err, ok } from '../std/result.ts';
import { createReconciler, type ReconcilerParts } from './reconciler.ts';

/** A kind whose object wants `steps` actions; the plan holds back a failed one for ten seconds. */
class Fake implements ReconcilerParts<Facts, string, Plan> {
  steps: string[] = [];
  holdsBack = true;
  failure: ActionFailure | undefined;
  broken: { readonly problem: string } | undefined;
  readonly done: string[] = [];
  readonly told: string[] = [];

  malformed: NonNullable<ReconcilerParts<Facts, string, Plan>['malformed']> = {
    find: () =>
      this.broken && {
        ...this.broken,
        metadata: { name: 'x', uid: 'uid-x', generation: 1, resourceVersion: '1' },
      },
    tell: async ({ problem }) => {
      this.told.push(problem);
      return ok(undefined);
    },
  };
  comesBeforeTelling: (action: string) => boolean = () => false;
  lingers: (action: string) => boolean = () => false;
  gather = (_: string, attempt: Facts['attempt']): Facts => ({ attempt });
  plan = ({ attempt }: Facts, now: Instant): Plan => {
    const [action] = this.steps;
    const waits = this.holdsBack && attempt !== undefined && plus(attempt.at, seconds(10)) > now;
    const conditions = [attempt ? `failed ${attempt.count}` : 'fine'];
    if (action === undefined) return { conditions };
    return waits ? { conditions, requeueAt: plus(now, seconds(10)) } : { conditions, action };
  };
  fingerprint = (action: string) => action;
  execute: ReconcilerParts<Facts, string, Plan>['execute'] = async (action) => {
    this.done.push(action);
    if (this.failure) return err(this.failure);
    this.steps = this.steps.slice(1);
    return ok(undefined);
  };
  tell: ReconcilerParts<Facts, string, Plan>['tell'] = async (_, { conditions }) => {
    this.told.push(...conditions);
    return ok(undefined);
  };
}
interface Facts {
  readonly attempt: Parameters<ReconcilerParts<Facts, string, Plan>['gather']>[1];
}
interface Plan {
  readonly action?: string;
  readonly requeueAt?: Instant;
  readonly conditions: readonly string[];
}

const clock = new FakeClock();
const context = {
  signal: new AbortController().signal,
  log: recordingLog(),
  correlationID: 'c',
  catchUp() {},
  mayLinger: () => true,
};
const away: ActionFailure = { reason: 'IssuerUnavailable', message: 'no answer', retry: 'soon' };

describe('the loop of every kind', () => {
  it('acts until nothing is left to do, then tells once', async () => {
    const kind = new Fake();
    kind.steps = ['first', 'second', 'third'];
    expect(await createReconciler(kind, clock)('x', context)).toEqual({ kind: 'done' });
    expect(kind).toMatchObject({ done: ['first', 'second', 'third'], told: ['fine'] });
  });

  it('ends its turn after an action that all others come to before this one is told', async () => {
    const kind = new Fake();
    kind.steps = ['first', 'taken away', 'third'];
    kind.comesBeforeTelling = (action) => action === 'taken away';
    const reconcile = createReconciler(kind, clock);
    expect(await reconcile('x', context)).toEqual({ kind: 'again', after: 0 });
    expect(kind).toMatchObject({ done: ['first', 'taken away'], told: [] });
    expect(await reconcile('x', context)).toEqual({ kind: 'done' });
    expect(kind).toMatchObject({ done: ['first', 'taken away', 'third'], told: ['fine'] });
  });

  it('leaves what may take long until it may begin', async () => {
    const kind = new Fake();
    kind.steps = ['short', 'long'];
    kind.lingers = (action) => action === 'long';
    const reconcile = createReconciler(kind, clock);
    expect(await reconcile('x', { ...context, mayLinger: () => false })).toEqual({ kind: 'done' });
    expect(kind).toMatchObject({ done: ['short'], told: [] });
    expect(await reconcile('x', context)).toEqual({ kind: 'done' });
    expect(kind).toMatchObject({ done: ['short', 'long'], told: ['fine'] });
  });

  it('hands a failure to the plan, which waits and tells', async () => {
    const kind = new Fake();
    kind.steps = ['only'];
    kind.failure = away;
    const reconcile = createReconciler(kind, clock);
    expect(await reconcile('x', context)).toEqual({ kind: 'again', after: seconds(10) });
    expect(await reconcile('x', context)).toEqual({ kind: 'again', after: seconds(10) });
    expect(kind).toMatchObject({ done: ['only'], told: ['failed 1', 'failed 1'] });
    await clock.advance(seconds(10));
    await reconcile('x', context);
    expect(kind).toMatchObject({ done: ['only', 'only'], told: ['failed 1', 'failed 1', 'failed 2'] });
  });

  it('comes back for what is not for that action when there is no place for what takes long', async () => {
    const kind: ReconcilerParts<Facts, string, Plan> = new Fake();
    kind.lingers = () => true;
    kind.plan = (_, now) => ({ conditions: [], action: 'long', requeueAt: plus(now, seconds(7)) });
    const noPlace = { ...context, mayLinger: () => false };
    expect(await createReconciler(kind, clock)('x', noPlace)).toEqual({ kind: 'again', after: seconds(7) });
  });

  it('leaves the waiting to the queue when the plan does not hold back what failed', async () => {
    const kind = new Fake();
    kind.steps = ['only'];
    kind.failure = { ...away, retryAfter: seconds(7) };
    kind.holdsBack = false;
    const outcome = await createReconciler(kind, clock)('x', context);
    expect(outcome).toMatchObject({ kind: 'retry', atLeast: seconds(7) });
    expect(kind.done).toEqual(['only']);
  });

  it('tries no step twice in one pass, though another failed in between', async () => {
    const kind = new Fake();
    kind.steps = ['either', 'or'];
    kind.holdsBack = false;
    const { plan } = kind;
    // What failed last is not asked for again, the other is: without end, if nobody counts.
    kind.plan = (facts, now) => {
      const next = facts.attempt?.fingerprint === 'either' ? 'or' : 'either';
      return { ...plan(facts, now), action: next };
    };
    kind.failure = away;
    expect(await createReconciler(kind, clock)('x', context)).toMatchObject({ kind: 'retry', error: away });
    expect(kind.done).toEqual(['either', 'or']);
  });

  it('does not forget a failure because something else succeeded', async () => {
    const kind = new Fake();
    kind.steps = ['only'];
    kind.failure = away;
    const { plan } = kind;
    const reconcile = createReconciler(kind, clock);
    await reconcile('x', context);
    kind.failure = undefined;
    let between = true;
    kind.plan = (facts, now) => (between ? { conditions: [], action: 'another' } : plan(facts, now));
    kind.execute = async (action) => {
      kind.done.push(action);
      between = false;
      return ok(undefined);
    };
    expect(await reconcile('x', context)).toMatchObject({ kind: 'again' });
    expect(kind.done).toEqual(['only', 'another']);
  });

  it('forgets a failure with the first success', async () => {
    const kind = new Fake();
    kind.steps = ['only'];
    kind.failure = away;
    const reconcile = createReconciler(kind, clock);
    await reconcile('x', context);
    kind.failure = undefined;
    await clock.advance(seconds(10));
    await reconcile('x', context);
    expect(kind.told.at(-1)).toBe('fine');
  });

  it('decides nothing about an object that cannot be read', async () => {
    const kind = new Fake();
    kind.steps = ['only'];
    kind.broken = { problem: 'spec: Required' };
    expect(await createReconciler(kind, clock)('x', context)).toMatchObject({ kind: 'stuck' });
    expect(kind).toMatchObject({ done: [], told: ['spec: Required'] });
  });

  it('tries again later when the status could not be written', async () => {
    const kind = new Fake();
    kind.tell = async () => err({ reason: 'Pending', message: 'conflict', retry: 'soon' });
    expect(await createReconciler(kind, clock)('x', context)).toMatchObject({ kind: 'retry' });
  });

  it('comes back when the plan says so although the status could not be written', async () => {
    const kind = new Fake();
    kind.plan = (_, now) => ({ conditions: ['fine'], requeueAt: plus(now, seconds(20)) });
    kind.tell = async () => err({ reason: 'Pending', message: 'no right', retry: 'slow' });
    const outcome = await createReconciler(kind, clock)('x', context);
    expect(outcome).toMatchObject({ kind: 'retry', cause: 'lasting', due: seconds(20) });
  });

  it.each([
    ['took too long', new DOMException('', 'TimeoutError'), 'failed 1'],
    ['was cut off', new DOMException('', 'AbortError'), 'fine'],
  ])('of an action that %s tells: %s', async (_, reason, told) => {
    const kind = new Fake();
    kind.steps = ['only'];
    kind.failure = away;
    const reconcile = createReconciler(kind, clock);
    await reconcile('x', { ...context, signal: AbortSignal.abort(reason) });
    kind.failure = undefined;
    await reconcile('x', context);
    expect(kind.told.at(-1)).toBe(told);
  });

  it('gives up on an object that asks for one step after another without end', async () => {
    const kind = new Fake();
    kind.steps = Array.from({ length: 100 }, (_, step) => `step ${step}`);
    await expect(createReconciler(kind, clock)('x', context)).rejects.toMatchObject({
      code: 'RECONCILE_UNSETTLED',
    });
  });
});
