import type {
  CallOptions,
  KubeClient,
  ListOptions,
  ListPage,
  WatchOptions,
  WatchStream,
} from '../../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../../src/kube/kube-failure.ts';
import type { JsonObject, KubeObject, Stored } from '../../../src/kube/objects.ts';
import {
  collectionPath,
  type ObjectName,
  objectPath,
  type ResourceKind,
} from '../../../src/kube/resource-path.ts';
import { type Clock, sleep } from '../../../src/std/clock.ts';
import { seconds } from '../../../src/std/duration.ts';
import { ok, type Result } from '../../../src/std/result.ts';
import type { FakeApiServer } from './fake-api-server.ts';
import { Faults, type Verb } from './faults.ts';
import { refuse } from './refusal.ts';
import { matcherOf, viewOf } from './selection.ts';
import { keyOf } from './storage.ts';
import { Watch } from './watch.ts';

type Answer<T> = Promise<Result<T, KubeFailure>>;

const defaultTimeout = seconds(10);
const reads: readonly Verb[] = ['get', 'list', 'watch', 'getPath', 'whoAmI'];

/** The connection of one program to a `FakeApiServer`. What goes wrong with it is up to the test. */
export class FakeKubeClient implements KubeClient {
  /** Of this connection; those of the server hold for all. */
  readonly faults = new Faults();
  readonly #server: FakeApiServer;
  readonly #clock: Clock;
  readonly #manager: string;
  readonly #closed = new AbortController();
  readonly #watches = new Set<Watch>();
  #held = false;

  constructor(server: FakeApiServer, clock: Clock, manager: string) {
    this.#server = server;
    this.#manager = manager;
    this.#clock = clock;
  }

  get = <T extends KubeObject>(
    kind: ResourceKind,
    at: ObjectName,
    options?: CallOptions,
  ): Answer<Stored<T>> =>
    this.#call('get', kind, at, options, () => {
      const found = this.#server.storage.get<T>(kind.plural, at);
      return found ? ok(found) : refuse('notFound', `${kind.plural} "${at.name}" not found`);
    });

  async *list<T extends KubeObject>(
    kind: ResourceKind,
    options: ListOptions = {},
  ): AsyncGenerator<Result<ListPage<T>, KubeFailure>, void, undefined> {
    const { storage } = this.#server;
    const { pageSize = 500 } = options;
    const first = await this.#call('list', kind, options, options, () =>
      ok({ version: storage.version, found: storage.list(kind.plural).filter(matcherOf(options)) }),
    );
    if (!first.ok) return yield first;
    const { version, found } = first.value;
    for (let from = 0; from === 0 || from < found.length; from += pageSize) {
      const page = await this.#call('list', kind, options, options, () =>
        from > 0 && version < storage.compacted
          ? refuse('gone', 'the continue token is too old')
          : ok(found.slice(from, from + pageSize)),
      );
      if (!page.ok) return yield page;
      const items = page.value.map((object) => viewOf(object, options) as Stored<T>);
      yield ok({ items, resourceVersion: String(version), malformed: 0 });
    }
  }

  watch = <T extends KubeObject>(kind: ResourceKind, options: WatchOptions): Answer<WatchStream<T>> =>
    this.#call('watch', kind, options, options, () => {
      const version = Number(options.resourceVersion);
      if (!Number.isSafeInteger(version)) return refuse('invalid', 'invalid resource version');
      const watch = new Watch(kind.plural, options);
      this.#follow(watch, options);
      const missed = this.#server.storage.since(version);
      if (missed === undefined) watch.end(refuse('gone', 'too old resource version').error);
      else for (const revision of missed) watch.offer(revision);
      return ok(watch.stream() as WatchStream<T>);
    });

  create = <T extends KubeObject>(kind: ResourceKind, object: T, options?: CallOptions): Answer<Stored<T>> =>
    this.#call('create', kind, object.metadata, options, () =>
      this.#server.objectWrites.create(kind, object, this.#manager),
    );

  replace: KubeClient['replace'] = (kind, object, options) =>
    this.#call('replace', kind, object.metadata, options, () =>
      object.metadata.uid && object.metadata.resourceVersion
        ? this.#server.objectWrites.replace(kind, object, this.#manager)
        : refuse('invalid', 'replace needs uid and resourceVersion'),
    );

  patchMetadata: KubeClient['patchMetadata'] = (kind, at, metadata, options) =>
    this.#call('patchMetadata', kind, at, options, () =>
      this.#server.objectWrites.patchMetadata(kind, at, metadata),
    );

  apply: KubeClient['apply'] = (kind, object, options) =>
    this.#call('apply', kind, object.metadata, options, () =>
      this.#server.objectWrites.apply(kind, object, this.#manager),
    );

  applyStatus: KubeClient['applyStatus'] = (kind, at, status: JsonObject, options) =>
    this.#call('applyStatus', kind, at, options, () =>
      this.#server.objectWrites.applyStatus(kind, at, status),
    );

  delete: KubeClient['delete'] = (kind, at, options) =>
    this.#call('delete', kind, at, options, () => this.#server.objectWrites.delete(kind, at, options));

  requestToken: KubeClient['requestToken'] = (account, options) =>
    this.#call('requestToken', serviceAccounts, account, options, () =>
      this.#server.tokenFor(account, options),
    );

  whoAmI: KubeClient['whoAmI'] = (options) =>
    this.#call('whoAmI', undefined, undefined, options, () =>
      ok({
        username: 'system:serviceaccount:grantor-system:grantor-controller',
        at: this.#server.now(),
      }),
    );

  getPath: KubeClient['getPath'] = (path, options) =>
    this.#call('getPath', undefined, undefined, options, () => this.#server.document(path));

  async close(): Promise<void> {
    this.#closed.abort();
    this.cutWatches();
  }

  /** Ends every watch that is open: with this failure, or as the server does when their time is up. */
  cutWatches(failure?: KubeFailure): void {
    for (const watch of [...this.#watches]) watch.end(failure);
  }

  /** Keeps back what watches have to tell, those that are opened later too, until they are no longer held. */
  holdWatches(held: boolean): void {
    this.#held = held;
    for (const watch of this.#watches) watch.hold(held);
  }

  async #call<T>(
    verb: Verb,
    kind: ResourceKind | undefined,
    at: Partial<ObjectName> | undefined,
    { signal, timeout = defaultTimeout }: CallOptions = {},
    work: () => Result<T, KubeFailure>,
  ): Answer<T> {
    const stopped = refuse('unavailable', `${verb}: the call was stopped`);
    if (this.#closed.signal.aborted || signal?.aborted) return stopped;
    const path = kind && pathOf(kind, at);
    if (path?.ok === false) return path;
    const plural = kind?.plural ?? '';
    if (!reads.includes(verb))
      this.#server.writes.push(`${verb} ${keyOf(plural, { ...at, name: at?.name ?? '' })}`);
    const fault = this.faults.of(verb, plural) ?? this.#server.faults.of(verb, plural);
    if (fault === undefined) return work();
    if (fault === 'lost') work();
    if (fault === 'hangs')
      await sleep(this.#clock, timeout, AbortSignal.any([this.#closed.signal, ...(signal ? [signal] : [])]));
    return fault === 'lost' || fault === 'hangs'
      ? refuse('unavailable', `${verb}: no answer`)
      : refuse(fault, `${verb} failed: ${fault}`);
  }

  /** Tells a watch what changes, until its time is up or its client leaves. */
  #follow(watch: Watch, { lasting, signal }: WatchOptions): void {
    const { storage } = this.#server;
    const tell = watch.offer.bind(watch);
    const leave = (): void => watch.end();
    const cancel = this.#clock.after(lasting, () => {
      watch.bookmark(storage.version);
      watch.end();
    });
    watch.onEnd = () => {
      cancel();
      signal?.removeEventListener('abort', leave);
      storage.watchers.delete(tell);
      this.#server.bookmarked.delete(watch);
      this.#watches.delete(watch);
    };
    signal?.addEventListener('abort', leave, { once: true });
    storage.watchers.add(tell);
    this.#server.bookmarked.add(watch);
    this.#watches.add(watch);
    watch.hold(this.#held);
  }
}

const serviceAccounts: ResourceKind = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
};

/** Names are checked as they are for a real server. */
const pathOf = (kind: ResourceKind, at: Partial<ObjectName> = {}) =>
  at.name === undefined ? collectionPath(kind, at.namespace) : objectPath(kind, { ...at, name: at.name });
