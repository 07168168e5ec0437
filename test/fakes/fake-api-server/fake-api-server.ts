import { kinds } from '../../../src/api/kinds.ts';
import { fieldManager } from '../../../src/delivery/other-hands.ts';
import type { TokenRequestOptions } from '../../../src/kube/kube-client.ts';
import type { KubeFailure, KubeFailureKind } from '../../../src/kube/kube-failure.ts';
import type { KubeObject, Stored } from '../../../src/kube/objects.ts';
import type { ObjectName } from '../../../src/kube/resource-path.ts';
import type { Clock } from '../../../src/std/clock.ts';
import { minutes, seconds } from '../../../src/std/duration.ts';
import { formatInstant, type Instant, instantOf, plus } from '../../../src/std/instant.ts';
import { ok, type Result } from '../../../src/std/result.ts';
import type { Rng } from '../../../src/std/rng.ts';
import type { Secret } from '../../../src/std/secret.ts';
import { aServiceAccountToken } from '../fake-issuer-driver.ts';
import { FakeRng } from '../fake-rng.ts';
import { FakeKubeClient } from './fake-kube-client.ts';
import { Faults, type Verb } from './faults.ts';
import { traitsOf } from './kind-traits.ts';
import { ObjectWrites } from './object-writes.ts';
import { refuse } from './refusal.ts';
import { Storage } from './storage.ts';
import type { Watch } from './watch.ts';

/** The `iss` of this cluster's ServiceAccount tokens. */
export const serviceAccountIssuer = 'https://kubernetes.default.svc';

/**
 * An API server in memory, as far as controllers notice: its clients pass the same contract as those of a real one. No I/O and no time
 * but its clock's. No controllers run in it: nothing is collected as garbage, and a namespace that is deleted stays.
 */
export class FakeApiServer {
  readonly storage = new Storage();
  readonly objectWrites: ObjectWrites;
  /** What goes wrong for every client. */
  readonly faults = new Faults();
  /** Every call but reads, of all clients: `create secrets acme-prod/billing-token`. */
  readonly writes: string[] = [];
  /** The audiences of all ServiceAccount tokens that were asked for. */
  readonly tokenAudiences: string[] = [];
  /** Watches that are told each minute how far they are. */
  readonly bookmarked = new Set<Watch>();
  readonly #clock: Clock;
  readonly #rng: Rng;

  constructor(clock: Clock, rng: Rng = new FakeRng()) {
    this.#clock = clock;
    this.#rng = rng;
    this.objectWrites = new ObjectWrites(this.storage, clock, rng);
    this.#bookmarkEachMinute();
  }

  /** A connection of its own, for one program: the controller, unless it writes under another name. */
  client(clock: Clock = this.#clock, manager: string = fieldManager): FakeKubeClient {
    return new FakeKubeClient(this, clock, manager);
  }

  /** What its clock shows: whole seconds, as it tells them. */
  now(): Instant {
    return instantOf(Math.floor(this.#clock.now() / 1000) * 1000);
  }

  get objects(): ReadonlyMap<string, Stored> {
    return this.storage.objects;
  }

  /** Lets every such call of every client fail from now on, until `recover`. */
  fail(verb: Verb, kind: KubeFailureKind, plural = ''): void {
    this.faults.add(kind, (called, of) => called === verb && (plural === '' || plural === of));
  }

  recover(): void {
    this.faults.clear();
  }

  /** Stores exactly this, as somebody with a hand in the storage could: no precondition is looked at. */
  put(plural: string, object: KubeObject): Stored {
    const metadata = {
      creationTimestamp: formatInstant(this.#clock.now()),
      ...(traitsOf({ plural }).hasGeneration ? { generation: 1 } : {}),
      ...object.metadata,
      uid: object.metadata.uid ?? this.#rng.uuid(),
      resourceVersion: '',
    };
    return this.storage.put(plural, { ...object, metadata });
  }

  remove(plural: string, at: ObjectName): void {
    this.storage.remove(plural, at);
  }

  find<T extends KubeObject = KubeObject>(plural: string, at: ObjectName): Stored<T> | undefined {
    return this.storage.get<T>(plural, at);
  }

  /** For clients: a token of exactly the ServiceAccount that was meant. */
  tokenFor(
    account: Required<ObjectName>,
    { uid, audiences, expiration }: TokenRequestOptions,
  ): Result<{ readonly token: Secret; readonly expiresAt: Instant }, KubeFailure> {
    this.tokenAudiences.push(...audiences);
    const found = this.find('serviceaccounts', account);
    if (found === undefined) return refuse('notFound');
    if (found.metadata.uid !== uid) return refuse('conflict', 'the UID does not match');
    if (expiration < seconds(600))
      return refuse('invalid', 'may not specify a duration less than 10 minutes');
    const subject = `system:serviceaccount:${account.namespace}:${account.name}`;
    const token = aServiceAccountToken({ issuer: serviceAccountIssuer, subject, uid }, { aud: audiences });
    return ok({ token, expiresAt: plus(this.#clock.now(), expiration) });
  }

  /** For clients: what is not an object. */
  document(path: string): Result<unknown, KubeFailure> {
    if (path === '/.well-known/openid-configuration') return ok({ issuer: serviceAccountIssuer });
    if (path === '/openid/v1/jwks') return ok({ keys: [{ kty: 'EC', kid: 'the-key-of-the-cluster' }] });
    if (path === '/apis/grantor.dev/v1alpha1')
      return ok({ resources: kinds.map(({ plural }) => ({ name: plural })) });
    return refuse('notFound', `there is no ${path}`);
  }

  #bookmarkEachMinute(): void {
    this.#clock.after(minutes(1), () => {
      for (const watch of [...this.bookmarked]) watch.bookmark(this.storage.version);
      this.#bookmarkEachMinute();
    });
  }
}
