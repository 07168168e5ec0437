import type { Lease } from '../../src/runtime/lease.ts';
import { type Duration, milliseconds, minutes, seconds } from '../../src/std/duration.ts';
import { instantOf, plus } from '../../src/std/instant.ts';
import { FakeApiServer } from '../fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeIssuerDriver } from '../fakes/fake-issuer-driver.ts';
import { SeededRng } from '../fakes/seeded-rng.ts';
import { setApiWeather } from './api-weather.ts';
import { finalState } from './final-state.ts';
import { credentialsWork } from './invariants/credentials.ts';
import { foreignSecretsStay } from './invariants/foreign-secrets.ts';
import { noHotLoop } from './invariants/no-hot-loop.ts';
import { oneClientEach } from './invariants/one-client.ts';
import { onlyTheLeaderActs } from './invariants/only-the-leader.ts';
import { readyIsTrue } from './invariants/readiness.ts';
import { whatIsWithdrawnIsRevoked } from './invariants/revocation.ts';
import type { Invariant, Scene, Watchman } from './invariants/scene.ts';
import type { StoredSecret } from './invariants/stored.ts';
import { tokensAreInBounds } from './invariants/tokens.ts';
import { issuerInWeather } from './issuer-in-weather.ts';
import { audienceListManifest, issuerIdentifier, namespace, ownNamespace } from './manifests.ts';
import { type Plant, Replica } from './replica.ts';
import { type IssuerWeather, isUserStep, type Step, type Trouble } from './steps.ts';
import { Wishes } from './wishes.ts';

/**
 * `plain`: it makes another client each time it is asked. `idempotent`: it answers a known mark with the same client. `marking`: the same, under
 * an id of ours, and clients are managed by their marks.
 */
export type IssuerKind = 'plain' | 'idempotent' | 'marking';

export interface SimulationOptions {
  readonly seed: number;
  readonly issuer: IssuerKind;
  readonly replicas: 1 | 2;
  readonly plant?: Plant | undefined;
}

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
  /** Seconds since the beginning. */
  readonly at: number;
}

/** How often people look, and how often it is looked whether all is well. */
const glance = seconds(5);

/** How long a leader may do nothing though all is well again: the longest wait after a failure at the API server is that after a 403. */
const waits = { api: minutes(10), others: minutes(1) } as const;

/** A cluster, an issuer and the operator in two pods, in one process, on one clock that nothing moves but `perform`. */
export class Simulation {
  readonly violations: Violation[] = [];
  readonly #clock = new FakeClock(instantOf(Date.parse('2026-06-01T12:00:00Z')));
  readonly #server: FakeApiServer;
  readonly #issuer: FakeIssuerDriver;
  readonly #wishes: Wishes;
  readonly #replicas: readonly Replica[];
  readonly #watchmen: readonly Watchman[];
  #issuerWeather: IssuerWeather = 'fine';
  #held = false;
  #unheardFor = milliseconds(0);
  /** From when on nothing keeps a leader from its work, as far as is known. */
  #calmFrom = 0;

  constructor({ seed, issuer: kind, replicas, plant = {} }: SimulationOptions) {
    const clock = this.#clock;
    this.#server = new FakeApiServer(clock, new SeededRng(seed));
    this.#issuer = new FakeIssuerDriver({ issuer: issuerIdentifier, clock, rng: new SeededRng(seed ^ 1) });
    if (kind === 'marking') this.#issuer.capabilities.add('ManageByMark').add('Adopt').add('HoldKeys');
    if (kind === 'plain') {
      this.#issuer.capabilities.delete('IdempotentRegister');
      // Where neither a mark nor a token finds a client, whose last answer was lost, nothing in the world does.
      this.#issuer.replacesAccessTokens = false;
    }
    this.#server.put('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'kube-system' },
    });
    this.#server.put('configmaps', audienceListManifest());
    this.#wishes = new Wishes(this.#server);
    const scene: Scene = {
      clock,
      server: this.#server,
      issuer: this.#issuer,
      byPeople: () => this.#wishes.applying,
      calmFor: () => this.#calmFor(),
      unheardFor: () => this.#unheardFor,
      report: (invariant, what) => this.report(invariant, what),
    };
    this.#watchmen = [
      oneClientEach,
      tokensAreInBounds,
      credentialsWork,
      whatIsWithdrawnIsRevoked,
      onlyTheLeaderActs,
      readyIsTrue,
      foreignSecretsStay,
      noHotLoop,
    ].map((post) => post(scene));
    this.#server.storage.watchers.add((revision) => {
      for (const watchman of this.#watchmen) watchman.changed?.(revision);
    });
    this.#wishes.apply();
    const issuer = issuerInWeather(this.#issuer, clock, () => this.#issuerWeather);
    this.#replicas = Array.from(
      { length: replicas },
      (_, index) =>
        new Replica({
          name: `replica-${index}`,
          seed: seed + index * 1000,
          clock,
          server: this.#server,
          issuer,
          plant,
          isTroubled: () => this.#issuerWeather !== 'fine' || !this.#server.faults.empty,
          leaves: (actor, call) => {
            for (const watchman of this.#watchmen) watchman.leaves?.(actor, call);
          },
          broke: (what) => this.report('nothing throws', what),
        }),
    );
  }

  async perform(step: Step): Promise<void> {
    if ('passes' in step) return this.pass(seconds(step.passes));
    if (isUserStep(step)) this.#wishes.perform(step);
    else this.#make(step);
    this.#wishes.apply();
    // A moment, so that what comes next meets work in the middle.
    await this.#advance(milliseconds(10));
    if ('apiAway' in step) await this.#comeBackAfter(minutes(step.minutes));
  }

  async pass(time: Duration): Promise<void> {
    for (let left: number = time; left > 0; left -= glance)
      await this.#advance(milliseconds(Math.min(left, glance)));
  }

  /** Ends every trouble. */
  heal(): void {
    this.#server.faults.clear();
    this.#issuerWeather = 'fine';
    this.#held = false;
    for (const replica of this.#replicas) replica.heal();
  }

  /** Ends every process, and lets what is left of them come to its end. */
  async end(): Promise<void> {
    for (const replica of this.#replicas) replica.end();
    await this.#clock.advance(minutes(1));
  }

  state(): readonly string[] {
    return finalState(this.#server, this.#issuer, this.#clock.now());
  }

  report(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, what, at: this.#clock.elapsed() / 1000 });
  }

  async #advance(time: Duration): Promise<void> {
    if (this.#server.faults.of('watch', 'tenantscopes') !== undefined)
      this.#unheardFor = milliseconds(this.#unheardFor + time);
    await this.#clock.advance(time);
    this.#wishes.apply();
    this.#notice();
    for (const watchman of this.#watchmen) watchman.looks?.();
  }

  #make(trouble: Trouble): void {
    const replicaOf = (index: number): Replica | undefined => this.#replicas[index % this.#replicas.length];
    if ('issuer' in trouble) this.#issuerWeather = trouble.issuer;
    else if ('api' in trouble) setApiWeather(this.#server.faults, trouble.api, trouble.of);
    else if ('apiAway' in trouble) this.#makeAway(trouble.apiAway);
    else if ('watches' in trouble) this.#makeWatches(trouble.watches);
    else if ('kill' in trouble) replicaOf(trouble.kill)?.killAt(trouble.at, seconds(trouble.back));
    else if ('stop' in trouble) replicaOf(trouble.stop)?.stop(seconds(trouble.back));
    else if ('freeze' in trouble) replicaOf(trouble.freeze)?.freezeAt(trouble.at, seconds(trouble.seconds));
    else if ('clockJumps' in trouble) this.#clock.jump(plus(this.#clock.now(), minutes(trouble.clockJumps)));
    else if ('deleted' in trouble)
      this.#deleteSecrets(trouble.deleted === 'token' ? 'grantor.dev/token' : 'grantor.dev/client');
    else if ('drifted' in trouble) this.#drift(trouble.drifted);
    else this.#touchRecords();
    this.#disturb(waits.others);
  }

  #makeAway(how: 'down' | 'hangs'): void {
    setApiWeather(this.#server.faults, how, '');
    this.#makeWatches(how === 'down' ? 'cut' : 'held');
  }

  async #comeBackAfter(time: Duration): Promise<void> {
    await this.pass(time);
    setApiWeather(this.#server.faults, 'fine', '');
    this.#makeWatches('flowing');
  }

  #makeWatches(what: 'held' | 'flowing' | 'cut' | 'compacted'): void {
    if (what === 'compacted') this.#server.storage.compact();
    if (what === 'held' || what === 'flowing') this.#held = what === 'held';
    for (const replica of this.#replicas) {
      if (what === 'held' || what === 'flowing') replica.holdWatches(this.#held);
      else
        replica.kube.cutWatches(
          what === 'cut' ? { kind: 'unavailable', message: 'reset' } : { kind: 'gone', message: 'compacted' },
        );
    }
  }

  #deleteSecrets(type: string): void {
    for (const secret of this.#server.storage.list('secrets') as StoredSecret[])
      if (secret.type === type && secret.metadata.namespace === namespace)
        this.#server.remove('secrets', secret.metadata);
  }

  #drift(name: string): void {
    for (const [id, client] of this.#issuer.clients) {
      const { desired } = client;
      if (!desired.name.endsWith(`/${name}`) || desired.audiences.length === 0) continue;
      const scopes = [...new Set([...desired.scopes, 'one.more'])];
      this.#issuer.clients.set(id, { ...client, desired: { ...desired, scopes } });
    }
  }

  #touchRecords(): void {
    for (const secret of this.#server.storage.list('secrets')) {
      const annotations = { ...secret.metadata.annotations, touched: String(this.#clock.elapsed()) };
      if (secret.metadata.namespace === ownNamespace)
        this.#server.put('secrets', { ...secret, metadata: { ...secret.metadata, annotations } });
    }
  }

  /** Looks whether a leader can do its work at the moment. */
  #notice(): void {
    const at = { namespace: ownNamespace, name: 'grantor-controller' };
    const holder = this.#server.find<Lease>('leases', at)?.spec?.holderIdentity;
    const isLed = this.#replicas.some(({ identity, works }) => works && identity === holder);
    if (!this.#server.faults.empty) this.#disturb(waits.api);
    if (!isLed || this.#held || this.#issuerWeather !== 'fine') this.#disturb(waits.others);
  }

  #disturb(wait: Duration): void {
    this.#calmFrom = Math.max(this.#calmFrom, this.#clock.elapsed() + wait);
  }

  /** How long nothing has been wrong, beyond the wait that comes after failures. */
  #calmFor(): Duration {
    return milliseconds(Math.max(0, this.#clock.elapsed() - this.#calmFrom));
  }
}
