import { describe, expect, test } from 'vitest';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import type { KubeFailure } from '../kube/kube-failure.ts';
import { milliseconds, seconds } from '../std/duration.ts';
import {
  initialState,
  nextState,
  type ReflectorOutcome,
  type ReflectorState,
  type ReflectorStep,
  reflectorBackoff,
} from './reflector-state.ts';

const failure = (kind: KubeFailure['kind'], more: Partial<KubeFailure> = {}): KubeFailure => ({
  kind,
  message: kind,
  ...more,
});
const watching = (quiet = 0): ReflectorStep => ({ do: 'watch', from: '5', quiet });
const first = reflectorBackoff.initial;

describe('a reflector', () => {
  test.each<[string, ReflectorStep, ReflectorOutcome, ReflectorStep['do'], ReflectorStep | undefined]>([
    [
      'watches from what it listed',
      { do: 'list' },
      { kind: 'listed', resourceVersion: '5' },
      'watch',
      undefined,
    ],
    ['lists at once when the server was restored', watching(), { kind: 'restored' }, 'stream', undefined],
    [
      'waits and lists again when a list fails',
      { do: 'list' },
      { kind: 'listFailed', failure: failure('unavailable') },
      'wait',
      { do: 'list' },
    ],
    [
      'waits and lists again when a list was too slow for its pages',
      { do: 'list' },
      { kind: 'listFailed', failure: failure('gone') },
      'wait',
      { do: 'list' },
    ],
    [
      'watches on at once after an orderly end',
      watching(),
      { kind: 'watchEnded', at: '8', heard: true },
      'watch',
      undefined,
    ],
    [
      'waits before it watches on when an orderly end came with nothing heard',
      watching(),
      { kind: 'watchEnded', at: '5', heard: false },
      'wait',
      watching(),
    ],
    [
      'waits and watches on after a failure',
      watching(),
      { kind: 'watchFailed', at: '8', heard: true, failure: failure('unavailable') },
      'wait',
      { do: 'watch', from: '8', quiet: 0 },
    ],
    [
      'waits and lists when its version is forgotten',
      watching(),
      { kind: 'watchFailed', at: '8', heard: true, failure: failure('gone') },
      'wait',
      { do: 'stream' },
    ],
    [
      'waits and lists when its version is refused',
      watching(),
      { kind: 'watchFailed', at: '5', heard: false, failure: failure('invalid') },
      'wait',
      { do: 'stream' },
    ],
    [
      'watches again at once when it hears nothing',
      watching(),
      { kind: 'watchQuiet', at: '5', heard: false },
      'watch',
      undefined,
    ],
    [
      'lists when the next watch hears nothing either',
      watching(1),
      { kind: 'watchQuiet', at: '5', heard: false },
      'stream',
      undefined,
    ],
    [
      'gives a watch that heard something before it fell silent another try',
      watching(1),
      { kind: 'watchQuiet', at: '6', heard: true },
      'watch',
      undefined,
    ],
    [
      'watches on after nonsense that came after sense',
      watching(),
      { kind: 'watchFailed', at: '8', heard: true, failure: failure('malformed') },
      'wait',
      { do: 'watch', from: '8', quiet: 0 },
    ],
    [
      'lists page by page when the same nonsense comes again',
      watching(),
      { kind: 'watchFailed', at: '8', heard: false, failure: failure('malformed') },
      'wait',
      { do: 'list' },
    ],
    [
      'streams again when a stream broke before it had told everything',
      { do: 'stream' },
      { kind: 'listFailed', failure: failure('unavailable') },
      'wait',
      { do: 'stream' },
    ],
    [
      'lists page by page, at once, from a server that cannot stream',
      { do: 'stream' },
      { kind: 'listFailed', failure: failure('invalid') },
      'list',
      undefined,
    ],
    [
      'lists page by page when a stream makes no sense',
      { do: 'stream' },
      { kind: 'listFailed', failure: failure('malformed') },
      'wait',
      { do: 'list' },
    ],
    [
      'lists page by page when a stream falls silent before it has told everything',
      { do: 'stream' },
      { kind: 'listQuiet' },
      'list',
      undefined,
    ],
    [
      'does what it waited for',
      { do: 'wait', delay: seconds(1), next: { do: 'list' } },
      { kind: 'waited' },
      'list',
      undefined,
    ],
  ])('%s', (_, step, outcome, does, next) => {
    const after = nextState({ step, lastDelay: first, lists: 'stream' }, outcome, new FakeRng()).step;
    expect(after.do).toBe(does);
    if (after.do === 'wait') expect(after.next).toEqual(next);
    if (after.do === 'watch' && outcome.kind !== 'listed')
      expect(after.from).toBe('at' in outcome ? outcome.at : '');
  });

  test('remembers that its server cannot stream', () => {
    const refused = nextState(
      initialState,
      { kind: 'listFailed', failure: failure('invalid') },
      new FakeRng(),
    );
    const listed = nextState(refused, { kind: 'listed', resourceVersion: '5' }, new FakeRng());
    const gone: ReflectorOutcome = { kind: 'watchFailed', at: '5', heard: true, failure: failure('gone') };
    expect(nextState(listed, gone, new FakeRng()).step).toMatchObject({ do: 'wait', next: { do: 'list' } });
  });

  test('waits longer with each failure, up to the longest wait, and from the start again once it has heard something', () => {
    const fail = (heard: boolean): ReflectorOutcome => ({
      kind: 'watchFailed',
      at: '5',
      heard,
      failure: failure('unavailable'),
    });
    const delays: number[] = [];
    let state: ReflectorState = { ...initialState, step: watching() };
    for (const heard of [false, false, false, false, false, false, false, true]) {
      state = nextState({ ...state, step: watching() }, fail(heard), new FakeRng(0.999));
      if (state.step.do === 'wait') delays.push(state.step.delay);
    }
    expect(delays.slice(0, 3)).toEqual(delays.slice(0, 3).sort((a, b) => a - b));
    expect(delays[6]).toBe(reflectorBackoff.max);
    expect(delays[7]).toBeLessThanOrEqual(3 * first);
  });

  test('waits as long as the server asks', () => {
    const outcome: ReflectorOutcome = {
      kind: 'listFailed',
      failure: failure('throttled', { retryAfter: seconds(50) }),
    };
    expect(nextState(initialState, outcome, new FakeRng()).step).toMatchObject({ delay: seconds(50) });
  });

  test('never comes back without a wait from a failure', () => {
    for (const kind of [
      'gone',
      'invalid',
      'malformed',
      'unavailable',
      'unauthorized',
      'throttled',
    ] as const) {
      const outcome: ReflectorOutcome = { kind: 'watchFailed', at: '5', heard: true, failure: failure(kind) };
      const { step } = nextState(
        { step: watching(), lastDelay: milliseconds(0), lists: 'stream' },
        outcome,
        new FakeRng(0),
      );
      expect(step).toMatchObject({ do: 'wait', delay: first });
    }
  });
});
