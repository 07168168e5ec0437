import type { WatchOptions, WatchStream } from '../../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../../src/kube/kube-failure.ts';
import type { Stored } from '../../../src/kube/objects.ts';
import type { WatchEvent } from '../../../src/kube/watch-stream.ts';
import { err, ok, type Result } from '../../../src/std/result.ts';
import { eventOf, matcherOf, viewOf } from './selection.ts';
import type { Revision } from './storage.ts';

type Sent = Result<WatchEvent, KubeFailure>;

/** One open watch, seen from the server. It tells in order, and nothing more once it has ended. */
export class Watch {
  readonly #plural: string;
  readonly #options: WatchOptions;
  readonly #matches: (object: Stored) => boolean;
  readonly #queue: Sent[] = [];
  #ended = false;
  #held = false;
  #wake = (): void => {};
  /** Called once, when nobody listens any more or nothing more comes. */
  onEnd = (): void => {};

  constructor(plural: string, options: WatchOptions) {
    this.#plural = plural;
    this.#options = options;
    this.#matches = matcherOf(options);
  }

  /** Tells a change, if it is one of what was asked for. */
  offer(revision: Revision): void {
    if (revision.plural !== this.#plural) return;
    const event = eventOf(revision, this.#matches);
    if (event !== undefined)
      this.#send(ok({ type: event.type, object: viewOf(event.object, this.#options) }));
  }

  bookmark(version: number): void {
    this.#send(ok({ type: 'BOOKMARK', resourceVersion: String(version), initialEventsEnd: false }));
  }

  /** Ends it in an orderly way, or with a failure as the last thing that is told. */
  end(failure?: KubeFailure): void {
    if (this.#ended) return;
    if (failure !== undefined) this.#send(err(failure));
    this.#ended = true;
    this.onEnd();
    this.#wake();
  }

  /** Keeps back what there is to tell, as a network that lags does. Nothing is lost. */
  hold(held: boolean): void {
    this.#held = held;
    this.#wake();
  }

  /** What the client reads. */
  async *stream(): WatchStream {
    try {
      for (;;) {
        const next = this.#held ? undefined : this.#queue.shift();
        if (next !== undefined) {
          yield next;
          if (!next.ok) return;
        } else if (this.#ended) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      this.end();
    }
  }

  #send(event: Sent): void {
    if (this.#ended) return;
    this.#queue.push(event);
    this.#wake();
  }
}
