import type { PodLike } from '../../domain/pod-like.ts';
import type { CredentialsSecret } from '../../domain/registration-record.ts';
import { type ConsumerLook, isStaleConsumer, mostStale } from '../../domain/stale-consumers.ts';
import { podKind } from '../../kube/core-kinds.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import type { KubeFailure } from '../../kube/kube-failure.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { keyOf } from '../../runtime/store.ts';
import { type Clock, deadline } from '../../std/clock.ts';
import { seconds } from '../../std/duration.ts';
import { err, ok, type Result } from '../../std/result.ts';

type Pod = KubeObject & PodLike;

/** A page of pods is what is in memory at a time, and a namespace that takes longer than this is not known. */
const pageSize = 50;
const longest = seconds(30);

/**
 * Which pods still have a former credential. They are listed when a rotation asks, never watched: most clusters have many pods and few
 * that take a credential of ours by environment variable. What was seen is kept in memory until the rotation goes on.
 */
export class Consumers {
  readonly #kube: Pick<KubeClient, 'list'>;
  readonly #clock: Clock;
  readonly #seen = new Map<string, ConsumerLook>();
  /** One list after the other, however many rotations there are. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(kube: Pick<KubeClient, 'list'>, clock: Clock) {
    this.#kube = kube;
    this.#clock = clock;
  }

  seen(copy: CredentialsSecret | undefined): ConsumerLook | undefined {
    return copy && this.#seen.get(keyOf(copy.namespace, copy.name));
  }

  forget({ namespace, name }: CredentialsSecret): void {
    this.#seen.delete(keyOf(namespace, name));
  }

  /** Looks, and keeps what it saw; that it could not see anything is kept too. */
  async look(copy: CredentialsSecret, signal: AbortSignal): Promise<void> {
    const mine = this.#turn.then(() => this.#staleAmong(copy, signal));
    this.#turn = mine.catch(() => undefined);
    const found = await mine;
    const { resourceVersion } = copy;
    this.#seen.set(keyOf(copy.namespace, copy.name), {
      ...{ at: this.#clock.now(), resourceVersion },
      ...(found.ok ? { stale: found.value } : { stale: [], unknown: found.error.message }),
    });
  }

  async #staleAmong(
    copy: CredentialsSecret,
    signal: AbortSignal,
  ): Promise<Result<readonly string[], Pick<KubeFailure, 'message'>>> {
    const stale: string[] = [];
    const limit = deadline(this.#clock, longest, signal);
    try {
      const ofNamespace = { namespace: copy.namespace, pageSize, signal: limit.signal };
      for await (const page of this.#kube.list<Pod>(podKind, ofNamespace)) {
        if (!page.ok) return err(page.error);
        for (const pod of page.value.items) if (isStaleConsumer(pod, copy)) stale.push(pod.metadata.name);
        if (stale.length > mostStale) return ok(stale.slice(0, mostStale + 1));
      }
      return ok(stale);
    } finally {
      limit.dispose();
    }
  }
}
