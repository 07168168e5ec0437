import type { KubeFailure } from '../kube/kube-failure.ts';
import { type Backoff, decorrelated } from '../std/backoff.ts';
import { type Duration, milliseconds, seconds } from '../std/duration.ts';
import type { Rng } from '../std/rng.ts';

/** What a reflector does next. `quiet` counts watches in a row in which nothing at all was heard. */
export type ReflectorStep =
  | { readonly do: 'list' }
  | { readonly do: 'watch'; readonly from: string; readonly quiet: number }
  | { readonly do: 'wait'; readonly delay: Duration; readonly next: ReflectorStep };

/** The step, and the wait that the next failure's is derived from. */
export interface ReflectorState {
  readonly step: ReflectorStep;
  readonly lastDelay: Duration;
}

/** What came of a step. `at` is the last version that the watch has told, by event or bookmark. */
export type ReflectorOutcome =
  | { readonly kind: 'waited' }
  | { readonly kind: 'listed'; readonly resourceVersion: string }
  | { readonly kind: 'listFailed'; readonly failure: KubeFailure }
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

export const initialState: ReflectorState = { step: { do: 'list' }, lastDelay: reflectorBackoff.initial };

/** A watch may be dead once; if its successor hears nothing either, the version itself is suspect. */
const quietWatchesBeforeList = 2;

/**
 * The whole policy of a reflector: list, watch from there, go on watching whatever happens, and list again only when the server
 * has forgotten the version (`gone`), refuses it (`invalid`: for instance one of a server before its restore from a backup), or
 * nothing is heard twice. Every failure costs one wait; hearing something resets the waits.
 */
export function nextState(state: ReflectorState, outcome: ReflectorOutcome, rng: Rng): ReflectorState {
  const { step, lastDelay } = state;
  switch (outcome.kind) {
    case 'waited':
      return { step: step.do === 'wait' ? step.next : step, lastDelay };
    case 'listed':
      return { step: { do: 'watch', from: outcome.resourceVersion, quiet: 0 }, lastDelay };
    case 'listFailed':
      return waitFor({ do: 'list' }, lastDelay, rng, outcome.failure);
    case 'watchEnded':
      // An end without anything heard may be a server that ends each watch at once: not a reason for a hot loop.
      return outcome.heard
        ? { step: { do: 'watch', from: outcome.at, quiet: 0 }, lastDelay: reflectorBackoff.initial }
        : waitFor({ do: 'watch', from: outcome.at, quiet: 0 }, lastDelay, rng);
    case 'watchQuiet': {
      const before = step.do === 'watch' ? step.quiet : 0;
      const quiet = outcome.heard ? 1 : before + 1;
      const next: ReflectorStep =
        quiet < quietWatchesBeforeList ? { do: 'watch', from: outcome.at, quiet } : { do: 'list' };
      return { step: next, lastDelay };
    }
    case 'watchFailed': {
      const base = outcome.heard ? reflectorBackoff.initial : lastDelay;
      const { kind } = outcome.failure;
      const next: ReflectorStep =
        kind === 'gone' || kind === 'invalid' ? { do: 'list' } : { do: 'watch', from: outcome.at, quiet: 0 };
      return waitFor(next, base, rng, outcome.failure);
    }
  }
}

function waitFor(next: ReflectorStep, last: Duration, rng: Rng, failure?: KubeFailure): ReflectorState {
  const lastDelay = decorrelated(reflectorBackoff, last, rng);
  const delay = milliseconds(Math.max(lastDelay, failure?.retryAfter ?? 0));
  return { step: { do: 'wait', delay, next }, lastDelay };
}
