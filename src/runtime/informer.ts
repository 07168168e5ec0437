import type { KubeFailure } from '../kube/kube-failure.ts';
import type { Stored } from '../kube/objects.ts';
import type { Clock } from '../std/clock.ts';
import type { Instant } from '../std/instant.ts';
import type { Rng } from '../std/rng.ts';
import type { InformerMetrics } from './informer-metrics.ts';
import type { ListWatch } from './list-watch.ts';
import { errorText, type Log } from './log.ts';
import { createReflector, type ReflectorTarget } from './reflector.ts';
import { type Change, createStore, type Indexes, keyOf, type Store, type StoreRecord } from './store.ts';

export interface InformerOptions<T extends StoreRecord, I extends string> {
  /** For logs, metrics and readiness: the plural of the kind. */
  readonly name: string;
  readonly listWatch: ListWatch;
  /**
   * Makes the flat record that is kept. It should not throw: what is wrong with an object belongs into its record, where its
   * controller can say so. If it throws, the object is counted, logged and treated as absent.
   */
  readonly transform: (raw: Stored) => T;
  readonly indexes?: Indexes<T, I>;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly metrics: InformerMetrics;
}

/** How far an informer has come. */
export interface InformerHealth {
  readonly synced: boolean;
  /** What keeps it from listing or watching at the moment. */
  readonly problem: string | undefined;
  /** Of what sort that is. */
  readonly failure?: KubeFailure['kind'] | undefined;
}

/** A store that follows the API server, and tells who listens. */
export interface Informer<T extends StoreRecord, I extends string = never> {
  readonly name: string;
  readonly store: Store<T, I>;
  /** After a write of our own: takes the answer into the store, so that what is read next is what was written. */
  observe(raw: Stored): void;
  /** Called after each change, by the watch or by a write of our own. Only enqueue in it. Register before `run`. */
  onChange(handler: (change: Change<T>) => void): void;
  health(): InformerHealth;
  hasSynced(): boolean;
  /** When the API server last told of this kind, be it that nothing changed; undefined while it never has. */
  heardAt(): Instant | undefined;
  /** Resolves once the store holds everything that the first list gave; never rejects. */
  readonly synced: Promise<void>;
  /** Follows until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Reads everything again: the API server was restored from a backup. */
  relist(): void;
}

export function createInformer<T extends StoreRecord, I extends string = never>(
  options: InformerOptions<T, I>,
): Informer<T, I> {
  const { name, log, metrics, clock, transform } = options;
  const handlers: ((change: Change<T>) => void)[] = [];
  const { promise: synced, resolve: markSynced } = Promise.withResolvers<void>();
  let hasSynced = false;
  let problem: KubeFailure | undefined;
  let heardAt: Instant | undefined;

  const guarded = <R>(metric: CountedError, about: string, run: () => R): R | undefined => {
    try {
      return run();
    } catch (error) {
      metrics.count(metric, { name });
      log.error({ informer: name, key: about, error: errorText(error) }, messages[metric]);
      return undefined;
    }
  };

  const store = createStore<T, I>(options.indexes ?? ({} as Indexes<T, I>), (change) => {
    for (const handler of handlers) {
      guarded('informer_handler_errors_total', change.key, () => handler(change));
    }
  });

  const toRecord = (raw: Stored): T | undefined =>
    guarded('informer_malformed_objects_total', keyOfObject(raw), () => transform(raw));

  /** While a list is under way: what it has told so far. */
  let listed: Map<string, T> | undefined;
  const target: ReflectorTarget = {
    listStarts() {
      metrics.count('reflector_lists_total', { name });
      listed = new Map();
    },
    page({ items, malformed }) {
      if (malformed > 0) metrics.count('informer_malformed_objects_total', { name }, malformed);
      for (const raw of items) {
        const record = toRecord(raw);
        if (record !== undefined) listed?.set(keyOfObject(raw), record);
      }
    },
    async listEnds(resourceVersion) {
      // Ten thousand records in one go would hold up the lease and the probes.
      for (const _ of store.replaceAll(listed ?? new Map(), resourceVersion)) await clock.breathe();
      listed = undefined;
      metrics.set('informer_objects', { name }, store.size);
      if (!hasSynced) log.info({ informer: name, objects: store.size }, 'synced');
      hasSynced = true;
      markSynced();
    },
    event({ type, object }) {
      const key = keyOfObject(object);
      const { uid, resourceVersion } = object.metadata;
      const record = type === 'DELETED' ? undefined : toRecord(object);
      if (listed !== undefined) {
        if (record === undefined) listed.delete(key);
        else listed.set(key, record);
        return;
      }
      if (record === undefined) store.remove(key, uid, resourceVersion);
      else store.upsert(record);
      metrics.set('informer_objects', { name }, store.size);
    },
    watchStarts: () => metrics.count('reflector_watches_total', { name }),
    heard() {
      heardAt = clock.now();
      metrics.set('informer_heard_timestamp_seconds', { name }, heardAt / 1000);
    },
    health(failure: KubeFailure | undefined) {
      if (failure !== undefined) {
        metrics.count('reflector_failures_total', { name, kind: failure.kind });
        log.warn(
          { informer: name, failure: failure.kind, error: failure.message },
          'list or watch failed; trying again',
        );
      } else if (problem !== undefined) log.info({ informer: name }, 'list or watch works again');
      problem = failure;
    },
  };

  const reflector = createReflector({ ...options, target });
  return {
    name,
    store,
    observe(raw) {
      const record = toRecord(raw);
      if (record !== undefined) store.observe(record);
    },
    onChange: (handler) => void handlers.push(handler),
    health: () => ({ synced: hasSynced, problem: problem?.message, failure: problem?.kind }),
    hasSynced: () => hasSynced,
    heardAt: () => heardAt,
    synced,
    async run(signal) {
      await reflector.run(signal);
      // Nobody hears anything any more, and nobody should: that is no alarm.
      for (const gauge of ['informer_heard_timestamp_seconds', 'informer_objects'] as const)
        metrics.drop(gauge, { name });
    },
    relist() {
      store.doubtWrites();
      reflector.relist();
    },
  };
}

type CountedError = 'informer_handler_errors_total' | 'informer_malformed_objects_total';

const messages: Readonly<Record<CountedError, string>> = {
  informer_handler_errors_total: 'a handler threw; the change may wait for the next one',
  informer_malformed_objects_total: 'an object could not be read and is treated as absent',
};

const keyOfObject = ({ metadata }: Stored): string => keyOf(metadata.namespace ?? '', metadata.name);
