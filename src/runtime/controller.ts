import { type Clock, deadline, sleep } from '../std/clock.ts';
import { fractionOf } from '../std/digest.ts';
import { type Duration, formatDuration, milliseconds, minutes, seconds } from '../std/duration.ts';
import type { Rng } from '../std/rng.ts';
import { noTracer, type Tracer } from '../std/tracer.ts';
import { errorText, type Log, withFields } from './log.ts';
import { type Outcome, retry } from './outcome.ts';
import { createPlaces } from './places.ts';
import type { RuntimeMetrics } from './runtime-metrics.ts';
import { splitKey } from './store.ts';
import { type AddOptions, createWorkQueue } from './work-queue.ts';

/** What working on one key may use. */
export interface ReconcileContext {
  /** Aborts when time is up, leadership is lost or the program stops. Hand it to every call. */
  readonly signal: AbortSignal;
  /** Each line carries the controller, the key and the correlation id. */
  readonly log: Log;
  readonly correlationID: string;
  /** Call it just before you read the caches: changes of the key up to now are seen by that, and need no reconcile of their own. */
  catchUp(): void;
  /** Asked before what may take long. Where the answer is no, leave it: the key is handed out again as soon as it may. */
  mayLinger(): boolean;
}

export interface ControllerOptions {
  readonly name: string;
  /** Keys worked on at a time. */
  readonly concurrency: number;
  /** How many of those may linger, so that the others never wait for what takes long. All of them unless said otherwise. */
  readonly lingering?: number;
  readonly reconcile: (key: string, context: ReconcileContext) => Promise<Outcome>;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Each reconcile begins a trace. */
  readonly tracer?: Tracer;
  /** For one key; a minute unless said otherwise. */
  readonly timeout?: Duration;
  /** Looks at each of `keys()` once in each `every`, spread evenly over it. */
  readonly resync?: { readonly every: Duration; keys(): Iterable<string> };
}

/** Works on keys. */
export interface Controller {
  readonly name: string;
  /** Before, while and after it runs; what comes while it doesn't run waits. */
  enqueue(key: string, options?: AddOptions): void;
  /**
   * Works until `signal` aborts, which aborts the work in hand too; never rejects. May be run again afterwards: what was not
   * finished is still in its queue.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Takes no new key, and resolves when `run` has finished those in hand. */
  drain(): Promise<void>;
  /** Keys waiting to be worked on now. */
  readonly depth: number;
}

const defaultTimeout = minutes(1);

/** What does not listen to its signal is left alone after this: its worker goes on, its key waits until it ends. */
const graceAfterTimeout = seconds(5);

export function createController(options: ControllerOptions): Controller {
  const { name, concurrency, clock, rng, log, metrics, resync } = options;
  const { timeout = defaultTimeout, tracer = noTracer } = options;
  const controller = { controller: name };
  const queue = createWorkQueue({ name, clock, metrics });
  const places = createPlaces(options.lingering ?? concurrency, (key) => queue.add(key, { priority: 'due' }));
  let draining = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  let active = 0;

  const showActive = (change: 1 | -1): void => {
    active += change;
    metrics.set('controller_runtime_active_workers', controller, active);
  };

  /** Turns whatever `reconcile` does into an outcome. */
  const attempt = async (key: string, context: ReconcileContext): Promise<Outcome> => {
    try {
      return await options.reconcile(key, context);
    } catch (error) {
      if (!context.signal.aborted) {
        metrics.count('controller_runtime_reconcile_panics_total', controller);
        context.log.error({ error: errorText(error) }, 'reconciling threw; trying again later');
      }
      return retry({ message: errorText(error) }, 'defect');
    }
  };

  /** The same, told to whoever follows it. */
  const traced = (key: string, context: ReconcileContext): Promise<Outcome> => {
    const { namespace, name: object } = splitKey(key);
    const attributes = {
      'grantor.controller': name,
      'k8s.namespace.name': namespace || undefined,
      'grantor.object.name': object,
      'grantor.correlation_id': context.correlationID,
    };
    return tracer.span('reconcile', { title: `reconcile ${name}`, attributes }, async (span) => {
      const outcome = await attempt(key, context);
      span.set({ 'grantor.outcome': outcome.kind });
      if (outcome.kind === 'retry') span.fail(outcome.cause);
      if (outcome.kind === 'stuck') span.fail('stuck');
      return outcome;
    });
  };

  const settle = (key: string, outcome: Outcome, context: ReconcileContext, stopped: boolean): void => {
    if (stopped) {
      // Half done or not at all: whoever leads next starts it over.
      queue.add(key);
      return;
    }
    metrics.count('controller_runtime_reconcile_total', { ...controller, result: resultOf(outcome) });
    if (outcome.kind === 'retry') {
      metrics.count('controller_runtime_reconcile_errors_total', controller);
      const wait = queue.retry(key, outcome.cause, outcome.atLeast);
      if (outcome.due !== undefined) queue.add(key, { priority: 'due', after: atLeastATick(outcome.due) });
      context.log.info(
        { error: outcome.error.message, retryIn: formatDuration(wait) },
        'failed; trying again',
      );
      return;
    }
    queue.forget(key);
    if (outcome.kind === 'again') queue.add(key, { priority: 'due', after: atLeastATick(outcome.after) });
    if (outcome.kind === 'stuck') {
      metrics.count('controller_runtime_reconcile_errors_total', controller);
      context.log.warn({ error: outcome.error.message }, 'failed; waiting for a change');
    }
  };

  const work = async (key: string, stop: AbortSignal): Promise<void> => {
    const limit = deadline(clock, timeout, stop);
    const correlationID = rng.uuid();
    const context = {
      signal: limit.signal,
      correlationID,
      catchUp: () => queue.catchUp(key),
      mayLinger: () => places.enter(key),
      log: withFields(log, { controller: name, key, correlationID }),
    };
    const started = clock.elapsed();
    showActive(1);
    const finished = traced(key, context).then((outcome) => {
      const took = (clock.elapsed() - started) / 1000;
      metrics.observe('controller_runtime_reconcile_time_seconds', controller, took);
      settle(key, outcome, context, stop.aborted);
      queue.done(key);
      places.leave(key);
      showActive(-1);
    });
    await withinGrace(finished, context.log);
    limit.dispose();
  };

  /** Waits for the work, but no longer than its time and the grace after it. */
  const withinGrace = (finished: Promise<void>, log: Log): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(milliseconds(timeout + graceAfterTimeout), () => {
        metrics.count('controller_runtime_reconcile_timeouts_total', controller);
        log.error({}, 'reconciling ignores that its time is up; its key waits until it ends');
        resolve();
      });
      void finished.then(() => {
        cancel();
        resolve();
      });
    });

  const worker = async (stop: AbortSignal, noMore: AbortSignal): Promise<void> => {
    for (let key = await queue.take(noMore); key !== undefined; key = await queue.take(noMore)) {
      await work(key, stop);
      // Work on healthy objects waits for nothing: ten thousand of them would hold up the lease and the probes.
      await clock.breathe();
    }
  };

  const scheduleResyncs = async (noMore: AbortSignal): Promise<void> => {
    if (resync === undefined) return;
    while (await sleep(clock, resync.every, noMore)) {
      for (const key of resync.keys()) {
        queue.add(key, { priority: 'resync', after: milliseconds(1 + fractionOf(key) * resync.every) });
      }
    }
  };

  return {
    name,
    enqueue: queue.add,
    async run(signal) {
      draining = new AbortController();
      const noMore = AbortSignal.any([signal, draining.signal]);
      metrics.set('controller_runtime_max_concurrent_reconciles', controller, concurrency);
      const workers = Array.from({ length: concurrency }, () => worker(signal, noMore));
      running = Promise.all([...workers, scheduleResyncs(noMore)]);
      await running;
    },
    async drain() {
      draining.abort();
      await running;
    },
    get depth() {
      return queue.depth;
    },
  };
}

/** An outcome of "again, now" would be a hot loop if it came each time. */
const atLeastATick = (after: Duration): Duration => milliseconds(Math.max(100, after));

const resultOf = ({ kind }: Outcome): string =>
  ({ done: 'success', again: 'requeue_after', retry: 'error', stuck: 'stuck' })[kind];
