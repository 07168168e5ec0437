import type { PodToken, PublishRequest, VolumeFailure, Volumes } from '../../../src/node/volumes.ts';
import { sleep } from '../../../src/std/clock.ts';
import { type Duration, milliseconds, minutes, seconds } from '../../../src/std/duration.ts';
import { between } from '../../../src/std/instant.ts';
import { err, type Result } from '../../../src/std/result.ts';
import type { Rng } from '../../../src/std/rng.ts';
import type { FakeClock } from '../../fakes/fake-clock.ts';
import { type ANode, type PodWish, targetOf, volumeOf } from '../../gen/a-node.ts';

/** The plug-in as the kubelet reaches it: the process that runs at the moment, if one does. */
export interface Connection {
  readonly volumes: Volumes;
  /** Aborts when that process is no more: calls under way fail. */
  readonly lost: AbortSignal;
}

/** What the kubelet saw. */
export interface Seen {
  /** A pod was told that its volume is there, for the first time. */
  readonly started: (pod: PodWish) => void;
  /** A repeated call failed. */
  readonly failedAgain: (pod: PodWish, failure: VolumeFailure) => void;
}

const mostBackoff = seconds(122);

/** One pod as the kubelet looks after it (facts measured with kubelet 1.36): its calls, its back-off, its tokens. */
export class KubeletPod {
  readonly #wish: PodWish;
  readonly #node: ANode;
  readonly #clock: FakeClock;
  readonly #rng: Rng;
  readonly #connect: () => Connection | undefined;
  readonly #seen: Seen;
  readonly #gone = new AbortController();
  #token: { readonly made: number; readonly token: PodToken } | undefined;
  /** The kubelet counts the mount as there, or as perhaps there: it calls for its end. */
  #mounted: 'no' | 'perhaps' | 'yes' = 'no';
  readonly ended: Promise<void>;

  constructor(wish: PodWish, node: ANode, rng: Rng, connect: () => Connection | undefined, seen: Seen) {
    this.#wish = wish;
    this.#node = node;
    this.#clock = node.clock;
    this.#rng = rng;
    this.#connect = connect;
    this.#seen = seen;
    node.podDirectories.add(`uid-${wish.name}`);
    this.ended = this.#live();
  }

  get name(): string {
    return this.#wish.name;
  }

  /** It runs. */
  get started(): boolean {
    return this.#mounted === 'yes' && !this.#gone.signal.aborted;
  }

  go(): void {
    this.#gone.abort();
  }

  /** Its folder is gone, and nobody calls for anything of it any more. */
  vanish(): void {
    this.#mounted = 'no';
    this.#gone.abort();
  }

  async #live(): Promise<void> {
    let backoff: number = milliseconds(500);
    while (!this.#gone.signal.aborted) {
      const wasMounted = this.#mounted === 'yes';
      const done = await this.#call(({ volumes, lost }) => volumes.publish(this.#request(), lost));
      if (done?.ok) {
        if (!wasMounted && !this.#gone.signal.aborted) this.#seen.started(this.#wish);
        this.#mounted = 'yes';
        backoff = milliseconds(500);
        await this.#wait(seconds(60 + 30 * this.#rng.next()));
        continue;
      }
      if (done !== undefined) {
        if (wasMounted && !this.#gone.signal.aborted) this.#seen.failedAgain(this.#wish, done.error);
        const isFinal = !['Aborted', 'Unavailable', 'DeadlineExceeded'].includes(done.error.code);
        if (!wasMounted) this.#mounted = isFinal ? 'no' : 'perhaps';
      } else if (!wasMounted) this.#mounted = 'perhaps';
      await this.#wait(milliseconds(backoff));
      backoff = Math.min(backoff * 2, mostBackoff);
    }
    // Containers have ended; the volume is unmounted until that works, and then the folder goes.
    for (let wait = 500; this.#mounted !== 'no'; wait = Math.min(wait * 2, mostBackoff)) {
      const done = await this.#call(({ volumes }) =>
        volumes.unpublish(volumeOf(this.#wish), targetOf(this.#wish)),
      );
      if (done?.ok) this.#mounted = 'no';
      else await sleep(this.#clock, milliseconds(wait));
    }
    this.#node.podDirectories.delete(`uid-${this.#wish.name}`);
  }

  #wait(time: Duration): Promise<boolean> {
    return sleep(this.#clock, time, this.#gone.signal);
  }

  /** Nothing where there is no plug-in, or where it died over the call. */
  #call(
    work: (to: Connection) => Promise<Result<void, VolumeFailure>>,
  ): Promise<Result<void, VolumeFailure> | undefined> {
    const connection = this.#connect();
    if (connection === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      connection.lost.addEventListener('abort', () => resolve(undefined), { once: true });
      work(connection).then(resolve, (error: unknown) =>
        resolve(err({ code: 'Internal', message: `it threw: ${String(error)}` })),
      );
    });
  }

  /** The same token until 80 % of its life. */
  #request(): PublishRequest {
    const now = this.#clock.elapsed();
    const life = minutes(10);
    if (
      this.#token === undefined ||
      now - this.#token.made > life * 0.8 ||
      between(this.#clock.now(), this.#token.token.expiresAt) <= 0
    )
      this.#token = { made: now, token: this.#node.token(this.#wish) };
    return this.#node.request(this.#wish, this.#token.token);
  }
}
