import { aborted } from '../std/clock.ts';
import { earliest } from '../std/instant.ts';
import type { Informer } from './informer.ts';
import { type Change, keyOf, type Store, type StoreRecord, splitKey } from './store.ts';

/**
 * Informers of one kind for a set of namespaces that may change while they run, looking like one: for programs that have the right to
 * read in some namespaces only, or that want no more than they need.
 */
export interface InformerSet<T extends StoreRecord, I extends string = never> extends Informer<T, I> {
  /** Exactly these namespaces from now on. What was in one that is left is told as gone. */
  follow(namespaces: ReadonlySet<string>): void;
  /** The informer of one namespace, while it is followed. The set has synced when all of them have; one may be waited for by itself. */
  in(namespace: string): Informer<T, I> | undefined;
}

export interface InformerSetOptions<T extends StoreRecord, I extends string> {
  readonly name: string;
  /** Makes the informer of one namespace. */
  readonly create: (namespace: string) => Informer<T, I>;
}

interface Member<T extends StoreRecord, I extends string> {
  readonly informer: Informer<T, I>;
  readonly stop: AbortController;
  ended: Promise<void>;
}

export function createInformerSet<T extends StoreRecord, I extends string = never>({
  name,
  create,
}: InformerSetOptions<T, I>): InformerSet<T, I> {
  const members = new Map<string, Member<T, I>>();
  const handlers: ((change: Change<T>) => void)[] = [];
  const { promise: synced, resolve: markSynced } = Promise.withResolvers<void>();
  let running: AbortSignal | undefined;

  const informers = (): Informer<T, I>[] => Array.from(members.values(), ({ informer }) => informer);
  const storeOf = (namespace: string): Store<T, I> | undefined => members.get(namespace)?.informer.store;

  const hasSynced = (): boolean => informers().every((informer) => informer.hasSynced());
  /** Of those that are followed now: one that was left before it had synced never will. */
  const noteSync = (): void => {
    if (running !== undefined && hasSynced()) markSynced();
  };

  const start = (member: Member<T, I>): void => {
    if (running === undefined) return;
    member.ended = member.informer.run(AbortSignal.any([running, member.stop.signal]));
  };

  const enter = (namespace: string): void => {
    const informer = create(namespace);
    const member = { informer, stop: new AbortController(), ended: Promise.resolve() };
    informer.onChange((change) => {
      // One that was left may still have an event in hand.
      if (!member.stop.signal.aborted) for (const handler of handlers) handler(change);
    });
    members.set(namespace, member);
    void informer.synced.then(noteSync);
    start(member);
  };

  const leave = (namespace: string, { informer: { store }, stop }: Member<T, I>): void => {
    stop.abort();
    members.delete(namespace);
    for (const previous of store.list()) {
      const change = { key: keyOf(previous.namespace, previous.name), previous, current: undefined };
      for (const handler of handlers) handler(change);
    }
  };

  return {
    name,
    store: {
      get: (key) => storeOf(splitKey(key).namespace)?.get(key),
      *list() {
        for (const { store } of informers()) yield* store.list();
      },
      byIndex: (index, value) => informers().flatMap(({ store }) => store.byIndex(index, value)),
      get size() {
        return informers().reduce((sum, { store }) => sum + store.size, 0);
      },
      observe: (record) => storeOf(record.namespace)?.observe(record),
      forget: (key, uid) => storeOf(splitKey(key).namespace)?.forget(key, uid),
    },
    observe: (raw) => members.get(raw.metadata.namespace ?? '')?.informer.observe(raw),
    onChange: (handler) => void handlers.push(handler),
    health: () => ({
      synced: hasSynced(),
      problem: informers()
        .map((informer) => informer.health().problem)
        .find((problem) => problem !== undefined),
    }),
    hasSynced,
    heardAt() {
      const times = informers().map((informer) => informer.heardAt());
      return times.reduce(
        (a, b) => (a === undefined || b === undefined ? undefined : earliest(a, b)),
        times[0],
      );
    },
    synced,
    in: (namespace) => members.get(namespace)?.informer,
    follow(namespaces) {
      for (const [namespace, member] of members) {
        if (!namespaces.has(namespace)) leave(namespace, member);
      }
      for (const namespace of namespaces) if (!members.has(namespace)) enter(namespace);
      noteSync();
    },
    async run(signal) {
      running = signal;
      for (const member of members.values()) start(member);
      noteSync();
      await aborted(signal);
      await Promise.all(Array.from(members.values(), ({ ended }) => ended));
    },
    relist() {
      for (const informer of informers()) informer.relist();
    },
  };
}
