import { createMultimap } from './multimap.ts';
import { isOlder } from './resource-version.ts';

/** What every record in a store has; the rest is up to the transform. Flat, so that it is small and can be frozen. */
export interface StoreRecord {
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** A record came, changed or went. */
export interface Change<T> {
  readonly key: string;
  readonly previous: T | undefined;
  readonly current: T | undefined;
}

/** `namespace/name`, or just the name for what has no namespace. */
export const keyOf = (namespace: string, name: string): string =>
  namespace === '' ? name : `${namespace}/${name}`;

/** The other way round. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: slash === -1 ? '' : key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Functions from a record to the values it is found under. */
export type Indexes<T, I extends string> = Readonly<Record<I, (record: T) => readonly string[]>>;

/** What a controller sees of a store. */
export interface Store<T extends StoreRecord, I extends string = never> {
  get(key: string): T | undefined;
  list(): IterableIterator<T>;
  /** The records that index `index` has under `value`, in no order. */
  byIndex(index: I, value: string): readonly T[];
  readonly size: number;
  /** After a write of our own: the answer, so that what is read next is what was written. Older ones change nothing. */
  observe(record: T): void;
  /** After a deletion of our own: the object is gone, whatever the watch, which lags, still says of this UID. */
  forget(key: string, uid: string): void;
}

/** What the reflector does to a store. Each says what changed. */
export interface StoreFeed<T extends StoreRecord> {
  upsert(record: T): void;
  remove(key: string, uid: string, resourceVersion: string): void;
  /** The server was restored: what we wrote and deleted ourselves may never have been, and the next list is the truth. */
  doubtWrites(): void;
  /**
   * After a complete list: `records` is the truth as of `resourceVersion`, apart from younger writes of our own. It becomes so step by
   * step, a record each: between two of them others may have their turn, but not this feed.
   */
  replaceAll(records: ReadonlyMap<string, T>, resourceVersion: string): Generator<undefined, void, undefined>;
}

/** An empty store. `onChange` is called after each change, in order. */
export function createStore<T extends StoreRecord, I extends string = never>(
  indexes: Indexes<T, I>,
  onChange: (change: Change<T>) => void,
): Store<T, I> & StoreFeed<T> {
  const records = new Map<string, T>();
  const found = Object.entries<(record: T) => readonly string[]>(indexes).map(([name, valuesOf]) => ({
    name,
    valuesOf,
    keys: createMultimap(),
  }));
  /** Keys whose record is an answer to our own write that no watch has confirmed yet. */
  const unconfirmed = new Set<string>();
  /** UIDs that we deleted and whose DELETED is still to come. */
  const forgotten = new Set<string>();
  /** The version up to which the feed has told everything. */
  let told = '0';

  const reindex = (key: string, record: T | undefined, change: 'add' | 'delete'): void => {
    if (record === undefined) return;
    for (const { valuesOf, keys } of found) for (const value of valuesOf(record)) keys[change](value, key);
  };

  const set = (key: string, current: T | undefined): void => {
    const previous = records.get(key);
    if (previous === undefined && current === undefined) return;
    reindex(key, previous, 'delete');
    if (current === undefined) records.delete(key);
    else records.set(key, Object.freeze(current));
    reindex(key, current, 'add');
    onChange({ key, previous, current });
  };

  /** Versions that can't be compared count as newer: the watch knows best. */
  const isNews = (record: T, known: T | undefined): boolean =>
    known === undefined ||
    (record.resourceVersion !== known.resourceVersion &&
      isOlder(record.resourceVersion, known.resourceVersion) !== true);

  const doubtWrites = (): void => {
    unconfirmed.clear();
    forgotten.clear();
  };

  return {
    get: (key) => records.get(key),
    list: () => records.values(),
    byIndex(index, value) {
      const keys = found.find(({ name }) => name === index)?.keys.get(value) ?? [];
      return Array.from(keys, (key) => records.get(key)).filter((record) => record !== undefined);
    },
    get size() {
      return records.size;
    },

    observe(record) {
      const key = keyOf(record.namespace, record.name);
      const known = records.get(key);
      // The feed was past this version and left no such object: it was deleted while our answer was on its way.
      if (known === undefined && isOlder(told, record.resourceVersion) === false) return;
      if (!isNews(record, known)) return;
      unconfirmed.add(key);
      set(key, record);
    },
    forget(key, uid) {
      if (records.get(key)?.uid !== uid) return;
      forgotten.add(uid);
      unconfirmed.delete(key);
      set(key, undefined);
    },

    upsert(record) {
      told = record.resourceVersion;
      const key = keyOf(record.namespace, record.name);
      const known = records.get(key);
      if (forgotten.has(record.uid)) return;
      if (isOlder(record.resourceVersion, known?.resourceVersion ?? '0') !== true) unconfirmed.delete(key);
      if (isNews(record, known)) set(key, record);
    },
    remove(key, uid, resourceVersion) {
      told = resourceVersion;
      forgotten.delete(uid);
      const known = records.get(key);
      // Another UID that is younger than this deletion is the object's successor, known from our own write.
      if (
        known === undefined ||
        (known.uid !== uid && isOlder(resourceVersion, known.resourceVersion) === true)
      )
        return;
      unconfirmed.delete(key);
      set(key, undefined);
    },
    doubtWrites,
    *replaceAll(listed, resourceVersion) {
      if (isOlder(resourceVersion, told) === true) doubtWrites();
      told = resourceVersion;
      const survives = (key: string): boolean =>
        unconfirmed.has(key) && isOlder(resourceVersion, records.get(key)?.resourceVersion ?? '0') === true;
      for (const key of Array.from(records.keys())) {
        if (listed.has(key) || survives(key)) continue;
        unconfirmed.delete(key);
        set(key, undefined);
        yield;
      }
      const uids = new Set<string>();
      for (const [key, record] of listed) {
        uids.add(record.uid);
        if (forgotten.has(record.uid) || survives(key)) continue;
        unconfirmed.delete(key);
        // Not `isNews`: a server that was restored from a backup counts from an older number again.
        if (records.get(key)?.resourceVersion !== record.resourceVersion) set(key, record);
        yield;
      }
      for (const uid of forgotten) if (!uids.has(uid)) forgotten.delete(uid);
    },
  };
}
