import { setTimeout as pause } from 'node:timers/promises';
import { readDelivered } from '../../src/delivery/token-secret.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { WatchEvent } from '../../src/kube/watch-stream.ts';
import { hours } from '../../src/std/duration.ts';
import { secretKind } from '../../test/e2e/objects.ts';
import type { Delivery, TimeLine } from './time-line.ts';

/** What happens to the tokens, as an onlooker with a connection of its own sees it. */
export interface FollowedTokens {
  /** By namespace and name of the Secret. */
  readonly lines: ReadonlyMap<string, TimeLine>;
  stop(): Promise<void>;
}

/** Watches the metadata of all Secrets with tokens; never a token. A watch that ends is followed by one that tells everything anew. */
export function followTokens(kube: KubeClient): FollowedTokens {
  const lines = new Map<string, { deliveries: Delivery[]; removals: number[] }>();
  const stopped = new AbortController();

  const learn = (event: WatchEvent): void => {
    if (event.type === 'BOOKMARK') return;
    const { metadata } = event.object;
    const key = `${metadata.namespace}/${metadata.name}`;
    const line = lines.get(key) ?? { deliveries: [], removals: [] };
    lines.set(key, line);
    const seenAt = Date.now();
    if (event.type === 'DELETED') line.removals.push(seenAt);
    const delivered = event.type === 'DELETED' ? undefined : readDelivered(metadata);
    // What a new watch tells again, and changes that are no renewals, bring no token.
    if (delivered === undefined || delivered.issuedAt === line.deliveries.at(-1)?.issuedAt) return;
    line.deliveries.push({ seenAt, issuedAt: delivered.issuedAt, expiresAt: delivered.expiresAt });
  };
  const watch = async (): Promise<void> => {
    const begun = await kube.watch(secretKind, {
      fieldSelector: 'type=grantor.dev/token',
      metadataOnly: true,
      lasting: hours(1),
      signal: stopped.signal,
    });
    if (!begun.ok) return;
    for await (const event of begun.value) if (event.ok) learn(event.value);
  };
  const following = (async () => {
    while (!stopped.signal.aborted) {
      await watch();
      await pause(200);
    }
  })();
  return {
    lines,
    async stop() {
      stopped.abort();
      await following;
    },
  };
}
