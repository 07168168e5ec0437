import type { WorkloadIdentityBinding } from '../../api/workload-identity-binding.ts';
import { mountedBindings } from '../../domain/mounted-bindings.ts';
import type { PodLike } from '../../domain/pod-like.ts';
import { fromKube } from '../../issuance/action-failure.ts';
import { podKind } from '../../kube/core-kinds.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Controller, ReconcileContext } from '../../runtime/controller.ts';
import { again, done, type Outcome } from '../../runtime/outcome.ts';
import { keyOf } from '../../runtime/store.ts';
import { sleep } from '../../std/clock.ts';
import { type Duration, milliseconds, minutes, seconds } from '../../std/duration.ts';
import type { Kept } from '../../world/kept.ts';
import type { Environment } from '../environment.ts';
import { retryOf } from '../reconciler.ts';
import type { World } from '../world.ts';

/** A page of pods is what is in memory at a time. */
const pageSize = 50;

/** Namespaces are looked at one after the other, five in a second at the most, and over a hundred pods in a second on the average. */
const pauseAfter = (pods: number): Duration => milliseconds(Math.min(200 + 10 * pods, seconds(30)));

/** How long one is left alone: a minute at least, and so long that it never takes more than a tenth of the time. */
const restAfter = (pods: number): Duration => milliseconds(Math.max(minutes(1), 10 * pauseAfter(pods)));

interface Look {
  readonly counts: ReadonlyMap<string, number>;
  /** When there may be another one, by `clock.elapsed()`. */
  readonly nextAt: Duration;
}

/** How many pods mount each binding, as last seen. In memory: after a restart the status tells it until somebody has looked. */
export class PodCounts {
  readonly #looks = new Map<string, Look>();

  of(namespace: string, name: string): number | undefined {
    return this.#looks.get(namespace)?.counts.get(name);
  }

  at(namespace: string): Look | undefined {
    return this.#looks.get(namespace);
  }

  note(namespace: string, look: Look): void {
    this.#looks.set(namespace, look);
  }

  forget(namespace: string): void {
    this.#looks.delete(namespace);
  }
}

/** Whether the tokens of a binding are for volumes alone. Nobody else's pods are counted: those that read a Secret cannot be. */
export const isForVolumes = ({ object }: Kept<WorkloadIdentityBinding>): boolean =>
  object !== undefined && object.spec.delivery === undefined;

/** The namespaces whose pods are counted. */
export const countedNamespaces = ({ bindings }: Pick<World, 'bindings'>): string[] => [
  ...new Set(
    Array.from(bindings.store.list())
      .filter(isForVolumes)
      .map(({ namespace }) => namespace),
  ),
];

/**
 * Counts the pods of a namespace, which is the key. They are listed now and then, never watched (docs/adr/0015-counting-pods.md).
 * `bindings` looks at those that have another count than their status says.
 */
export function createPodCount(
  { kube, world, clock, podCounts }: Pick<Environment, 'kube' | 'world' | 'clock' | 'podCounts'>,
  bindings: Pick<Controller, 'enqueue'>,
): (namespace: string, context: Pick<ReconcileContext, 'signal'>) => Promise<Outcome> {
  return async (namespace, { signal }) => {
    const accounts = new Map<string, string>();
    for (const kept of world.bindings.store.byIndex('namespace', namespace))
      if (isForVolumes(kept) && kept.object) accounts.set(kept.name, kept.object.spec.serviceAccountName);
    if (accounts.size === 0) {
      podCounts.forget(namespace);
      return done;
    }
    const wait = (podCounts.at(namespace)?.nextAt ?? 0) - clock.elapsed();
    if (wait > 0) return again(milliseconds(wait));

    const counts = new Map(Array.from(accounts.keys(), (name) => [name, 0]));
    let pods = 0;
    for await (const page of kube.list<KubeObject & PodLike>(podKind, { namespace, pageSize, signal })) {
      if (!page.ok) return retryOf(fromKube('Pending', page.error));
      pods += page.value.items.length;
      for (const pod of page.value.items)
        for (const name of mountedBindings(pod, accounts)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    podCounts.note(namespace, { counts, nextAt: milliseconds(clock.elapsed() + restAfter(pods)) });
    for (const [name, count] of counts) {
      const key = keyOf(namespace, name);
      if (world.bindings.store.get(key)?.object?.status?.pods !== count) bindings.enqueue(key);
    }
    // The next one waits for this, whichever namespace it is.
    await sleep(clock, pauseAfter(pods), signal);
    return again(restAfter(pods));
  };
}
