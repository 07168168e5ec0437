import { readDelivered } from '../../src/delivery/token-secret.ts';
import { renewalOf, spreadOf, type TokenLife } from '../../src/domain/rotation.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { hours } from '../../src/std/duration.ts';
import { secretKind } from '../../test/e2e/objects.ts';

/** A renewal, as an onlooker saw it, in milliseconds since the Unix epoch. */
export interface SeenRenewal {
  readonly seenAt: number;
  /** How long after it was due, by the rule that the controller goes by. */
  readonly late: number;
}

/** What happens to the token Secrets of one namespace. */
export interface FollowedTenant {
  readonly renewals: readonly SeenRenewal[];
  readonly removals: readonly number[];
  /** Changes that were neither. */
  readonly others: number;
  /** Secrets that are there. */
  readonly present: number;
}

const rotation = { renewAtPercent: 60, onExpiry: 'Remove' } as const;

/** Watches the metadata of all token Secrets, never a token, on a connection of its own. */
export function followTenants(kube: KubeClient, namespaces: readonly string[]) {
  const tenants = new Map(namespaces.map((name) => [name, new Follower()]));
  const stopped = new AbortController();
  const following = (async () => {
    const watch = await kube.watch(secretKind, {
      fieldSelector: 'type=grantor.dev/token',
      metadataOnly: true,
      lasting: hours(1),
      signal: stopped.signal,
    });
    if (!watch.ok) throw new Error(watch.error.message);
    for await (const event of watch.value) {
      if (!event.ok || event.value.type === 'BOOKMARK') continue;
      const { type, object } = event.value;
      const { namespace = '', name, ownerReferences = [] } = object.metadata;
      const life = type === 'DELETED' ? undefined : readDelivered(object.metadata);
      tenants.get(namespace)?.learn(name, ownerReferences[0]?.uid ?? '', life);
    }
  })();
  return {
    of: (namespace: string): FollowedTenant => tenants.get(namespace) ?? new Follower(),
    async stop(): Promise<void> {
      stopped.abort();
      await following;
    },
  };
}

class Follower implements FollowedTenant {
  readonly renewals: SeenRenewal[] = [];
  readonly removals: number[] = [];
  others = 0;
  readonly #lives = new Map<string, TokenLife>();

  get present(): number {
    return this.#lives.size;
  }

  learn(name: string, uid: string, life: TokenLife | undefined): void {
    const seenAt = Date.now();
    const before = this.#lives.get(name);
    if (life === undefined) {
      this.removals.push(seenAt);
      this.#lives.delete(name);
      return;
    }
    this.#lives.set(name, life);
    if (before === undefined) return;
    if (life.generation !== before.generation + 1) {
      this.others += 1;
      return;
    }
    const { renewAt } = renewalOf(before, rotation, spreadOf(uid, before.generation));
    this.renewals.push({ seenAt, late: seenAt - renewAt });
  }
}
