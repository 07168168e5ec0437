import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { type Duration, milliseconds, seconds } from '../../src/std/duration.ts';
import type { Log } from '../../src/telemetry/log.ts';
import type { FakeApiServer } from '../fakes/fake-api-server/fake-api-server.ts';
import type { FakeKubeClient } from '../fakes/fake-api-server/fake-kube-client.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import { SeededRng } from '../fakes/seeded-rng.ts';
import type { Actor } from './invariants/scene.ts';
import { Life } from './life.ts';
import { namespace } from './manifests.ts';
import { isOfLease, mortalDriver, mortalKube, type PortCall } from './mortal-ports.ts';
import { runProcess } from './process.ts';

/** What a broken operator would do at its ports, or what it would be composed with. */
export interface Plant {
  readonly kube?: (client: KubeClient, clock: FakeClock) => KubeClient;
  readonly driver?: (driver: IssuerDriver) => IssuerDriver;
  readonly withoutElection?: boolean;
}

export interface ReplicaParts {
  readonly name: string;
  readonly seed: number;
  readonly clock: FakeClock;
  readonly server: FakeApiServer;
  readonly issuer: IssuerDriver;
  readonly plant: Plant;
  /** Whether the API server or the issuer is out of order. */
  readonly isTroubled: () => boolean;
  readonly leaves: (actor: Actor, call: PortCall) => void;
  /** Something was thrown that nobody expected. */
  readonly broke: (what: string) => void;
}

interface Incarnation extends Actor {
  readonly kube: FakeKubeClient;
  readonly stop: AbortController;
}

/** One of the pods of a Deployment: there is always a process in it, or soon will be again. */
export class Replica {
  readonly #parts: ReplicaParts;
  #count = 0;
  #current: Incarnation;
  /** After the end of the process that runs now. */
  #backAfter = seconds(1);
  #held = false;
  #isLast = false;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
    this.#current = this.#start();
  }

  /** Of the process that runs now, or that ran last. */
  get identity(): string {
    return this.#current.identity;
  }
  get works(): boolean {
    const { life, stop } = this.#current;
    return !life.dead && !life.frozen && !stop.signal.aborted;
  }
  get kube(): FakeKubeClient {
    return this.#current.kube;
  }

  killAt(points: number, back: Duration): void {
    this.#backAfter = back;
    if (points === 0) this.#current.life.die();
    else this.#current.life.dieAfter(points);
  }

  /** As Kubernetes stops a pod: it is asked, and killed when it has not ended after a while. */
  stop(back: Duration): void {
    this.#backAfter = back;
    const { stop, life } = this.#current;
    stop.abort();
    this.#parts.clock.after(seconds(20), () => life.die());
  }

  freezeAt(points: number, time: Duration): void {
    if (points === 0) this.#current.life.freeze(time);
    else this.#current.life.freezeAfter(points, time);
  }

  holdWatches(held: boolean): void {
    this.#held = held;
    this.kube.holdWatches(held);
  }

  heal(): void {
    this.#current.life.spare();
    this.holdWatches(false);
  }

  /** Ends the process, and no other comes. */
  end(): void {
    this.#isLast = true;
    this.#current.life.die();
  }

  #start(): Incarnation {
    const { name, seed, clock, server, issuer, plant, isTroubled, leaves, broke } = this.#parts;
    const identity = `${name}_${++this.#count}`;
    const rng = new SeededRng(seed + this.#count);
    const life = new Life(clock, isTroubled);
    const kube = server.client();
    const stop = new AbortController();
    const incarnation = { identity, life, kube, stop };
    const passage = {
      life,
      clock,
      latency: (call: PortCall) =>
        milliseconds(isOfLease(call) || call.operation === 'watch' ? 0 : 1 + Math.floor(rng.next() * 20)),
      leaves: (call: PortCall) => leaves(incarnation, call),
    };
    const mortal = { kube: mortalKube(passage, kube), driver: mortalDriver(passage, issuer) };
    const error = (fields: object, message: string): void => {
      if (!life.dead) broke(`${identity}: ${message}: ${JSON.stringify(fields)}`);
    };
    life.onDeath = () => {
      stop.abort();
      kube.cutWatches();
      clock.after(this.#backAfter, () => {
        if (!this.#isLast) this.#current = this.#start();
      });
    };
    kube.holdWatches(this.#held);
    const ended = runProcess(
      {
        identity: plant.withoutElection ? undefined : identity,
        kube: plant.kube?.(mortal.kube, clock) ?? mortal.kube,
        driver: plant.driver?.(mortal.driver) ?? mortal.driver,
        clock: life.clock,
        rng,
        log: logOf(error),
        // The same Secrets, followed in one go or by namespace: whoever leads finds what the other left.
        secretNamespaces: this.#count % 2 === 1 ? '*' : new Set([namespace]),
      },
      stop.signal,
    );
    void ended.then(
      () => life.die(),
      (reason: unknown) => error({ reason: String(reason) }, 'it rejects'),
    );
    return incarnation;
  }
}

/** Only errors are told: what somebody should look at. */
function logOf(error: Log['error']): Log {
  const nothing = (): void => {};
  const log: Log = { debug: nothing, info: nothing, warn: nothing, error, child: () => log };
  return log;
}
