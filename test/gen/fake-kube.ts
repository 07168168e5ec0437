import type { Identity, KubeClient, MetadataPatch } from '../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../src/kube/kube-failure.ts';
import type { JsonObject, KubeObject, Stored } from '../../src/kube/objects.ts';
import type { ObjectName, ResourceKind } from '../../src/kube/resource-path.ts';
import type { Clock } from '../../src/std/clock.ts';
import { minutes } from '../../src/std/duration.ts';
import { formatInstant, plus } from '../../src/std/instant.ts';
import { err, ok, type Result } from '../../src/std/result.ts';
import { aServiceAccountToken } from '../fakes/fake-issuer-driver.ts';

export type Verb = 'get' | 'create' | 'replace' | 'patchMetadata' | 'applyStatus' | 'delete' | 'requestToken';

/** The `iss` of this cluster's ServiceAccount tokens. */
export const serviceAccountIssuer = 'https://kubernetes.default.svc';

/** As much of an API server as controllers notice: identities, versions, preconditions, and the calls that were made. */
export class FakeKube implements Omit<KubeClient, 'list' | 'watch' | 'apply' | 'getPath' | 'close'> {
  readonly objects = new Map<string, Stored>();
  /** Every call but reads: `create secrets acme-prod/billing-token`. */
  readonly writes: string[] = [];
  readonly #clock: Clock;
  readonly #failures = new Map<string, KubeFailure>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets every such call fail from now on, until `recover`. */
  fail(verb: Verb, kind: KubeFailure['kind'], plural = ''): void {
    this.#failures.set(`${verb} ${plural}`, { kind, message: `${verb} failed: ${kind}` });
  }

  recover(): void {
    this.#failures.clear();
  }

  /** Stores an object as somebody else would: no precondition is looked at. */
  put(plural: string, object: KubeObject): Stored {
    const uid = object.metadata.uid ?? `uid-${++this.#count}`;
    const metadata = {
      creationTimestamp: formatInstant(this.#clock.now()),
      ...object.metadata,
      uid,
      resourceVersion: String(1000 + ++this.#count),
    };
    const stored = { ...object, metadata };
    this.objects.set(keyOf(plural, metadata), stored);
    return stored;
  }

  remove(plural: string, at: ObjectName): void {
    this.objects.delete(keyOf(plural, at));
  }

  find<T extends KubeObject = KubeObject>(plural: string, at: ObjectName): Stored<T> | undefined {
    return this.objects.get(keyOf(plural, at)) as Stored<T> | undefined;
  }

  get = async <T extends KubeObject>(kind: ResourceKind, at: ObjectName): Answer<Stored<T>> =>
    this.#failed('get', kind.plural) ?? this.#existing<T>(kind, at);

  create = async <T extends KubeObject>(kind: ResourceKind, object: T): Answer<Stored<T>> => {
    const refusal = this.#write('create', kind, object.metadata);
    if (refusal) return refusal;
    if (this.find(kind.plural, object.metadata)) return refuse('alreadyExists');
    return ok(this.put(kind.plural, object) as Stored<T>);
  };

  replace = async <T extends KubeObject>(kind: ResourceKind, object: Stored<T>): Answer<Stored<T>> => {
    const refusal = this.#write('replace', kind, object.metadata);
    const current = refusal ?? this.#expected<T>(kind, object.metadata);
    return current.ok ? ok(this.put(kind.plural, object) as Stored<T>) : current;
  };

  patchMetadata = async <T extends KubeObject>(
    kind: ResourceKind,
    at: ObjectName & Identity,
    patch: MetadataPatch,
  ): Answer<Stored<T>> => {
    const refusal = this.#write('patchMetadata', kind, at);
    const current = refusal ?? this.#expected<T>(kind, at);
    if (!current.ok) return current;
    const metadata = { ...current.value.metadata, ...patch } as Stored<T>['metadata'];
    const patched = this.put(kind.plural, { ...current.value, metadata }) as Stored<T>;
    const isLast = metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
    if (isLast) this.remove(kind.plural, at);
    return ok(patched);
  };

  applyStatus = async <T extends KubeObject>(
    kind: ResourceKind,
    at: ObjectName & Pick<Identity, 'resourceVersion'>,
    status: JsonObject,
  ): Answer<Stored<T>> => {
    const refusal = this.#write('applyStatus', kind, at);
    const current = refusal ?? this.#existing<T>(kind, at);
    if (!current.ok) return current;
    if (current.value.metadata.resourceVersion !== at.resourceVersion) return refuse('conflict');
    return ok(this.put(kind.plural, { ...current.value, status }) as Stored<T>);
  };

  delete = async (kind: ResourceKind, at: ObjectName, { uid }: { readonly uid: string }): Answer<void> => {
    const refusal = this.#write('delete', kind, at);
    const current = refusal ?? this.#existing(kind, at);
    if (!current.ok) return current;
    if (current.value.metadata.uid !== uid) return refuse('conflict');
    this.remove(kind.plural, at);
    return ok(undefined);
  };

  requestToken: KubeClient['requestToken'] = async (account, { uid, audiences }) => {
    this.writes.push(`requestToken ${account.namespace}/${account.name} for ${audiences.join()}`);
    const refusal = this.#failed('requestToken', 'serviceaccounts');
    if (refusal) return refusal;
    const found = this.find('serviceaccounts', account);
    if (found?.metadata.uid !== uid) return refuse(found ? 'conflict' : 'notFound');
    const subject = `system:serviceaccount:${account.namespace}:${account.name}`;
    const token = aServiceAccountToken({ issuer: serviceAccountIssuer, subject, uid });
    return ok({ token, expiresAt: plus(this.#clock.now(), minutes(10)) });
  };

  /** Notes a write, and says what stops it before anything is looked at. */
  #write(verb: Verb, kind: ResourceKind, at: ObjectName) {
    this.writes.push(`${verb} ${keyOf(kind.plural, at)}`);
    return this.#failed(verb, kind.plural);
  }

  #failed(verb: Verb, plural: string) {
    const failure = this.#failures.get(`${verb} ${plural}`) ?? this.#failures.get(`${verb} `);
    return failure && err(failure);
  }

  #existing<T extends KubeObject>(kind: ResourceKind, at: ObjectName): Result<Stored<T>, KubeFailure> {
    const found = this.find<T>(kind.plural, at);
    return found ? ok(found) : refuse('notFound');
  }

  #expected<T extends KubeObject>(
    kind: ResourceKind,
    at: ObjectName & Identity,
  ): Result<Stored<T>, KubeFailure> {
    const found = this.#existing<T>(kind, at);
    if (!found.ok) return found;
    const { uid, resourceVersion } = found.value.metadata;
    return uid === at.uid && resourceVersion === at.resourceVersion ? found : refuse('conflict');
  }
}

type Answer<T> = Promise<Result<T, KubeFailure>>;

const refuse = (kind: KubeFailure['kind']) =>
  err<KubeFailure>({ kind, message: `the API server says ${kind}` });

const keyOf = (plural: string, { namespace, name }: ObjectName): string =>
  `${plural} ${namespace === undefined ? name : `${namespace}/${name}`}`;
