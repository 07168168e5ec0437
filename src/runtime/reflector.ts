import type { ListPage, WatchStream } from '../kube/kube-client.ts';
import type { KubeFailure } from '../kube/kube-failure.ts';
import type { WatchEvent } from '../kube/watch-stream.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { milliseconds, minutes, seconds } from '../std/duration.ts';
import type { Rng } from '../std/rng.ts';
import type { ListWatch } from './list-watch.ts';
import {
  initialState,
  nextState,
  type ReflectorOutcome,
  type ReflectorState,
  type ReflectorStep,
} from './reflector-state.ts';
import { isOlder } from './resource-version.ts';

/**
 * What a reflector tells: a list, as pages or as events, and in the end its version; then what changes. A list that fails has no end:
 * the next one starts over.
 */
export interface ReflectorTarget {
  listStarts(): void;
  page(page: ListPage): void;
  /** Nothing more is told until this is done. */
  listEnds(resourceVersion: string): Promise<void>;
  event(event: Exclude<WatchEvent, { type: 'BOOKMARK' }>): void;
  watchStarts(): void;
  /** A list came to its end, or a watch told something, be it that nothing changed: all that was told is still so. */
  heard(): void;
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

/** Follows a kind. */
export interface Reflector {
  /** Keeps `target` told until `signal` aborts. Nothing else ends it. What `target` throws must be caught by `target`. */
  run(signal: AbortSignal): Promise<void>;
  /** Lists at once, whatever it does at the moment: the server was restored, and watches go on as if nothing had happened. */
  relist(): void;
}

export function createReflector(options: ReflectorOptions): Reflector {
  let restored = new AbortController();
  return {
    async run(signal) {
      let state: ReflectorState = initialState;
      while (!signal.aborted) {
        restored = new AbortController();
        const outcome = await take(options, state.step, AbortSignal.any([signal, restored.signal]));
        state = nextState(state, restored.signal.aborted ? { kind: 'restored' } : outcome, options.rng);
      }
    },
    relist: () => restored.abort(),
  };
}

async function take(
  options: ReflectorOptions,
  step: ReflectorStep,
  signal: AbortSignal,
): Promise<ReflectorOutcome> {
  switch (step.do) {
    case 'list':
      return list(options, signal);
    case 'stream':
      return watch(options, undefined, signal);
    case 'watch':
      return watch(options, step.from, signal);
    case 'wait':
      await sleep(options.clock, step.delay, signal);
      return { kind: 'waited' };
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
  await target.listEnds(resourceVersion);
  target.heard();
  target.health(undefined);
  return { kind: 'listed', resourceVersion };
}

/** Watches from a version on; or, without one, lists by the watch itself and goes on from there. */
async function watch(
  options: ReflectorOptions,
  from: string | undefined,
  signal: AbortSignal,
): Promise<ReflectorOutcome> {
  const { listWatch, target, clock, rng } = options;
  const lasting = milliseconds(shortestWatch * (1 + rng.next()));
  const quiet = new AbortController();
  const both = AbortSignal.any([signal, quiet.signal]);
  const progress: Progress = { at: from, heard: false };
  if (from === undefined) target.listStarts();
  const opened = await listWatch.watch(from, lasting, both);
  if (!opened.ok) {
    // That it can't stream is no fault of a server.
    const isRefusal = from === undefined && opened.error.kind === 'invalid';
    if (!signal.aborted && !isRefusal) target.health(opened.error);
    return failed(progress, opened.error);
  }
  target.watchStarts();
  if (from !== undefined) target.health(undefined);
  let disarm = clock.after(quietLimit, () => quiet.abort());
  const heard = (): void => {
    progress.heard = true;
    target.heard();
    disarm();
    disarm = clock.after(quietLimit, () => quiet.abort());
  };
  try {
    const failure = await follow(opened.value, options, progress, heard);
    const { at } = progress;
    if (quiet.signal.aborted)
      return at === undefined ? { kind: 'listQuiet' } : { kind: 'watchQuiet', ...progress, at };
    if (failure !== undefined && !signal.aborted) target.health(failure);
    if (failure !== undefined) return failed(progress, failure);
    return at === undefined ? failed(progress, cutShort) : { kind: 'watchEnded', ...progress, at };
  } finally {
    disarm();
  }
}

/** How far a watch has come: no version while it is still listing. */
interface Progress {
  at: string | undefined;
  heard: boolean;
}

const cutShort: KubeFailure = {
  kind: 'unavailable',
  message: 'the watch ended before it had told everything',
};

const failed = ({ at, heard }: Progress, failure: KubeFailure): ReflectorOutcome =>
  at === undefined ? { kind: 'listFailed', failure } : { kind: 'watchFailed', at, heard, failure };

/** Passes events on and keeps `progress`. Returns what ended the watch, if it was not an orderly end. */
async function follow(
  stream: WatchStream,
  { target, clock }: ReflectorOptions,
  progress: Progress,
  heard: () => void,
): Promise<KubeFailure | undefined> {
  for await (const event of stream) {
    if (!event.ok) return event.error;
    // What comes in great pieces is read without waiting for anything.
    await clock.breathe();
    heard();
    const { value } = event;
    if (value.type === 'BOOKMARK') {
      if (!(await reach(value, target, progress))) return goneBack;
    } else if (progress.at === undefined) target.event(value);
    // A watch tells versions in order: what is older than the last was told before, and may undo what came since.
    else if (isOlder(value.object.metadata.resourceVersion, progress.at) !== true) {
      progress.at = value.object.metadata.resourceVersion;
      target.event(value);
    }
  }
  return undefined;
}

/** No server says so unless it was restored from a backup: what it will tell under versions that it gives again would be taken for old. */
const goneBack: KubeFailure = { kind: 'gone', message: 'the server went back behind a version that it told' };

/**
 * A bookmark: the watch has told everything up to its version. The first one that counts ends a streamed list. False when it lies
 * before what was told.
 */
async function reach(
  { resourceVersion, initialEventsEnd }: Extract<WatchEvent, { type: 'BOOKMARK' }>,
  target: ReflectorTarget,
  progress: Progress,
): Promise<boolean> {
  if (progress.at === undefined) {
    if (!initialEventsEnd) return true;
    await target.listEnds(resourceVersion);
    target.health(undefined);
  } else if (isOlder(resourceVersion, progress.at) === true) return false;
  progress.at = resourceVersion;
  return true;
}
