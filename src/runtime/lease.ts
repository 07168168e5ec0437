import type { KubeObject, Stored } from '../kube/objects.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import { type Duration, seconds, toSeconds } from '../std/duration.ts';
import type { Instant } from '../std/instant.ts';

export const leaseKind: ResourceKind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

/** `coordination.k8s.io/v1` Lease. All of its spec is optional, and written by whoever has the right to. */
export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** A lease that `holder` has from now on. */
export function newLease(
  at: { namespace: string; name: string },
  holder: string,
  duration: Duration,
  now: Instant,
): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: at,
    spec: { ...term(holder, duration, now), acquireTime: microTime(now), leaseTransitions: 0 },
  };
}

/** The same lease, taken over. */
export const takenBy = (
  lease: Stored<Lease>,
  holder: string,
  duration: Duration,
  now: Instant,
): Stored<Lease> => ({
  ...lease,
  spec: {
    ...term(holder, duration, now),
    acquireTime: microTime(now),
    leaseTransitions: (lease.spec?.leaseTransitions ?? 0) + 1,
  },
});

/** The same lease, held on to. */
export const renewed = (lease: Stored<Lease>, now: Instant): Stored<Lease> => ({
  ...lease,
  spec: { ...lease.spec, renewTime: microTime(now) },
});

/** The same lease, given back: anyone may take it at once. */
export const released = (lease: Stored<Lease>, now: Instant): Stored<Lease> => ({
  ...lease,
  spec: { ...lease.spec, ...term('', seconds(1), now) },
});

/** How long its holder asked for; between 1 s and an hour, whatever is written there. */
export const durationOf = (lease: Lease): Duration => {
  const written = lease.spec?.leaseDurationSeconds;
  return seconds(typeof written === 'number' ? Math.min(3600, Math.max(1, written)) : 15);
};

const term = (holderIdentity: string, duration: Duration, now: Instant) => ({
  holderIdentity,
  leaseDurationSeconds: toSeconds(duration),
  renewTime: microTime(now),
});

/** `metav1.MicroTime` has exactly six digits after the point. */
const microTime = (t: Instant): string => new Date(t).toISOString().replace('Z', '000Z');
