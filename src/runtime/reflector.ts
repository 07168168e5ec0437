import type { ListPage, WatchStream } from '../kube/kube-client.ts';
import type { KubeFailure } from '../kube/kube-failure.ts';
import type { WatchEvent } from '../kube/watch-stream.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { milliseconds, minutes, seconds } from '../std/duration.ts';
import type { Rng } from '../std/rng.ts';
import type { ListWatch } from './list-watch.ts';
import { initialState, nextState, type ReflectorOutcome, type ReflectorState } from './reflector-state.ts';
import { isOlder } from './resource-version.ts';

/** What a reflector tells: the pages of a list, in order and in the end its version, then what changes. */
export interface ReflectorTarget {
  listStarts(): void;
  page(page: ListPage): void;
  listEnds(resourceVersion: string): void;
  event(event: Exclude<WatchEvent, { type: 'BOOKMARK' }>): void;
  watchStarts(): void;
  /** A failure to list or watch, or that all is well again. For logs and readiness; nothing needs to be done. */
  health(failure: KubeFailure | undefined): void;
}

/** The server ends a watch after 5 to 10 minutes, so that watches spread over its replicas again after one was restarted. */
const shortestWatch = minutes(5);

/**
 * Bookmarks come each minute. A watch without any for longer is dead, whatever the connection looks like, and a new one costs one
 * request.
 */
const quietLimit = seconds(80);

export interface ReflectorOptions {
  readonly listWatch: ListWatch;
  readonly target: ReflectorTarget;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** Keeps `target` told until `signal` aborts. Nothing else ends it. What `target` throws must be caught by `target`. */
export async function runReflector(options: ReflectorOptions, signal: AbortSignal): Promise<void> {
  const { clock, rng } = options;
  let state: ReflectorState = initialState;
  while (!signal.aborted) {
    const { step } = state;
    let outcome: ReflectorOutcome;
    if (step.do === 'list') outcome = await list(options, signal);
    else if (step.do === 'watch') outcome = await watch(options, step.from, signal);
    else {
      await sleep(clock, step.delay, signal);
      outcome = { kind: 'waited' };
    }
    state = nextState(state, outcome, rng);
  }
}

async function list({ listWatch, target }: ReflectorOptions, signal: AbortSignal): Promise<ReflectorOutcome> {
  let resourceVersion: string | undefined;
  target.listStarts();
  for await (const page of listWatch.list(signal)) {
    if (!page.ok) {
      if (!signal.aborted) target.health(page.error);
      return { kind: 'listFailed', failure: page.error };
    }
    target.page(page.value);
    resourceVersion = page.value.resourceVersion;
  }
  if (resourceVersion === undefined) {
    return { kind: 'listFailed', failure: { kind: 'unavailable', message: 'the list had no page' } };
  }
  target.listEnds(resourceVersion);
  target.health(undefined);
  return { kind: 'listed', resourceVersion };
}

async function watch(
  options: ReflectorOptions,
  from: string,
  signal: AbortSignal,
): Promise<ReflectorOutcome> {
  const { listWatch, target, clock, rng } = options;
  const lasting = milliseconds(shortestWatch * (1 + rng.next()));
  const quiet = new AbortController();
  const both = AbortSignal.any([signal, quiet.signal]);
  const opened = await listWatch.watch(from, lasting, both);
  if (!opened.ok) {
    if (!signal.aborted) target.health(opened.error);
    return { kind: 'watchFailed', at: from, heard: false, failure: opened.error };
  }
  target.watchStarts();
  target.health(undefined);
  const progress = { at: from, heard: false };
  let disarm = clock.after(quietLimit, () => quiet.abort());
  const heard = (): void => {
    disarm();
    disarm = clock.after(quietLimit, () => quiet.abort());
  };
  try {
    const failure = await follow(opened.value, target, progress, heard);
    if (quiet.signal.aborted) return { kind: 'watchQuiet', ...progress };
    if (failure === undefined) return { kind: 'watchEnded', ...progress };
    if (!signal.aborted) target.health(failure);
    return { kind: 'watchFailed', ...progress, failure };
  } finally {
    disarm();
  }
}

/** Passes events on and keeps `progress`. Returns what ended the watch, if it was not an orderly end. */
async function follow(
  stream: WatchStream,
  target: ReflectorTarget,
  progress: { at: string; heard: boolean },
  heard: () => void,
): Promise<KubeFailure | undefined> {
  for await (const event of stream) {
    if (!event.ok) return event.error;
    heard();
    progress.heard = true;
    const version =
      event.value.type === 'BOOKMARK'
        ? event.value.resourceVersion
        : event.value.object.metadata.resourceVersion;
    // A watch tells versions in order: what is older than the last was told before, and may undo what came since.
    if (isOlder(version, progress.at) === true) continue;
    progress.at = version;
    if (event.value.type !== 'BOOKMARK') target.event(event.value);
  }
  return undefined;
}
