import { hours } from '../std/duration.ts';
import { formatInstant, type Instant, instantIn, plus } from '../std/instant.ts';
import type { PublicKey } from './desired-client.ts';

/** A key that verifies the ServiceAccount tokens of a cluster, named as in their headers. */
export type ClusterKey = PublicKey & { readonly kid: string };

/** A key of the cluster that an issuer was given. */
export type HeldKey = {
  readonly keyID: string;
  /** Since when the cluster does not name it any more. */
  readonly formerSince?: string | undefined;
};

/**
 * How long a key stays that the cluster names no more: as long as the token lives that a pod has by default. API servers that are being restarted
 * one after the other disagree for a while, and what one of them still signs has to be good.
 */
const kept = hours(1);

/** Which keys an issuer is to hold from now on, and which it is to let go. */
export function nextHeldKeys(
  held: readonly HeldKey[],
  current: readonly string[],
  now: Instant,
): { readonly held: readonly HeldKey[]; readonly letGo: readonly string[] } {
  const former = held
    .filter(({ keyID }) => !current.includes(keyID))
    .map(({ keyID, formerSince }) => ({ keyID, since: earlier(instantIn(formerSince), now) }));
  const isOver = ({ since }: { readonly since: Instant }): boolean => plus(since, kept) <= now;
  return {
    held: [
      ...current.map((keyID) => ({ keyID })),
      ...former
        .filter((key) => !isOver(key))
        .map(({ keyID, since }) => ({ keyID, formerSince: formatInstant(since) })),
    ],
    letGo: former.filter(isOver).map(({ keyID }) => keyID),
  };
}

/** Counted from now where the clock was set back since. */
const earlier = (since: Instant | undefined, now: Instant): Instant =>
  since === undefined || since > now ? now : since;
