import type { KubeFailure } from '../kube/kube-failure.ts';
import { type Backoff, decorrelated } from '../std/backoff.ts';
import { type Duration, milliseconds, seconds } from '../std/duration.ts';
import type { Rng } from '../std/rng.ts';

/**
 * What a reflector does next: list page by page; list by a watch that begins with everything there is and goes on from there; watch.
 * `quiet` counts watches in a row in which nothing at all was heard.
 */
export type ReflectorStep =
  | { readonly do: 'list' }
  | { readonly do: 'stream' }
  | { readonly do: 'watch'; readonly from: string; readonly quiet: number }
  | { readonly do: 'wait'; readonly delay: Duration; readonly next: ReflectorStep };

export interface ReflectorState {
  readonly step: ReflectorStep;
  /** The wait that the next failure's is derived from. */
  readonly lastDelay: Duration;
  /** How lists are made from now on: page by page once the server could not stream, or streamed what makes no sense. */
  readonly lists: 'stream' | 'list';
}

/** What came of a step. `at` is the last version that the watch has told, by event or bookmark. */
export type ReflectorOutcome =
  | { readonly kind: 'waited' }
  /** It became known that the server does not hold any more what it told. */
  | { readonly kind: 'restored' }
  | { readonly kind: 'listed'; readonly resourceVersion: string }
  | { readonly kind: 'listFailed'; readonly failure: KubeFailure }
  /** A stream fell silent before it had told everything. */
  | { readonly kind: 'listQuiet' }
  | { readonly kind: 'watchEnded'; readonly at: string; readonly heard: boolean }
  | { readonly kind: 'watchQuiet'; readonly at: string; readonly heard: boolean }
  | {
      readonly kind: 'watchFailed';
      readonly at: string;
      readonly heard: boolean;
      readonly failure: KubeFailure;
    };

/** Between 0.5 s and 30 s, each wait random up to three times the last: a thousand clients don't come back together. */
export const reflectorBackoff: Backoff = { initial: milliseconds(500), max: seconds(30) };

export const initialState: ReflectorState = {
  step: { do: 'stream' },
  lastDelay: reflectorBackoff.initial,
  lists: 'stream',
};

/** A watch may be dead once; if its successor hears nothing either, the version itself is suspect. */
const quietWatchesBeforeList = 2;

/**
 * The whole policy of a reflector: list, watch from there, go on watching whatever happens, and list again only when the server
 * has forgotten the version (`gone`), refuses it (`invalid`: for instance one of a server before its restore from a backup), says
 * the same nonsense twice, or nothing is heard twice. Every failure costs one wait; hearing something resets the waits.
 */
export function nextState(state: ReflectorState, outcome: ReflectorOutcome, rng: Rng): ReflectorState {
  const { step, lastDelay } = state;
  switch (outcome.kind) {
    case 'waited':
      return { ...state, step: step.do === 'wait' ? step.next : step };
    case 'restored':
      return { ...state, step: { do: state.lists } };
    case 'listed':
      return { ...state, step: { do: 'watch', from: outcome.resourceVersion, quiet: 0 } };
    case 'listQuiet':
      return { ...state, step: { do: 'list' }, lists: 'list' };
    case 'listFailed': {
      const { kind } = outcome.failure;
      if (step.do !== 'stream') return waitFor({ do: 'list' }, state, rng, outcome.failure);
      // A server that can't stream says so at once, and costs nothing but the question.
      if (kind === 'invalid') return { ...state, step: { do: 'list' }, lists: 'list' };
      const lists = kind === 'malformed' ? 'list' : state.lists;
      return waitFor({ do: lists }, { ...state, lists }, rng, outcome.failure);
    }
    case 'watchEnded':
      // An end without anything heard may be a server that ends each watch at once: not a reason for a hot loop.
      return outcome.heard
        ? { ...state, step: goOn(outcome.at), lastDelay: reflectorBackoff.initial }
        : waitFor(goOn(outcome.at), state, rng);
    case 'watchQuiet': {
      const before = step.do === 'watch' ? step.quiet : 0;
      const quiet = outcome.heard ? 1 : before + 1;
      const next: ReflectorStep =
        quiet < quietWatchesBeforeList ? { do: 'watch', from: outcome.at, quiet } : { do: state.lists };
      return { ...state, step: next };
    }
    case 'watchFailed': {
      const { failure, heard, at } = outcome;
      const from = { ...state, lastDelay: heard ? reflectorBackoff.initial : lastDelay };
      // Nonsense after sense may have been damaged on its way; nonsense again is what the server has. Pages leave such objects out.
      if (failure.kind === 'malformed' && !heard)
        return waitFor({ do: 'list' }, { ...from, lists: 'list' }, rng, failure);
      const isLost = failure.kind === 'gone' || failure.kind === 'invalid';
      return waitFor(isLost ? { do: state.lists } : goOn(at), from, rng, failure);
    }
  }
}

const goOn = (from: string): ReflectorStep => ({ do: 'watch', from, quiet: 0 });

function waitFor(
  next: ReflectorStep,
  state: ReflectorState,
  rng: Rng,
  failure?: KubeFailure,
): ReflectorState {
  const lastDelay = decorrelated(reflectorBackoff, state.lastDelay, rng);
  const delay = milliseconds(Math.max(lastDelay, failure?.retryAfter ?? 0));
  return { ...state, step: { do: 'wait', delay, next }, lastDelay };
}
