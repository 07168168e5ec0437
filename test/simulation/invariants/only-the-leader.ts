import type { Lease } from '../../../src/runtime/lease.ts';
import { seconds } from '../../../src/std/duration.ts';
import { ownNamespace } from '../manifests.ts';
import { isOfLease, type PortCall } from '../mortal-ports.ts';
import type { Actor, Scene, Watchman } from './scene.ts';

/** After this long without a renewal another may take the lease. */
const leaseDuration = seconds(12);
/** An answer of an issuer that cannot be had again is written down for so long, lease or not; the record's version is its precondition. */
const rememberWithin = seconds(30);

const effects: Readonly<Record<PortCall['port'], readonly string[]>> = {
  kube: ['create', 'replace', 'patchMetadata', 'apply', 'applyStatus', 'delete', 'requestToken'],
  issuer: ['register', 'update', 'deregister', 'requestToken', 'revoke'],
};

/** Who does not hold the lease, and has not just stood still with a call in its hands, changes nothing anywhere. */
export function onlyTheLeaderActs({ clock, server, report }: Scene): Watchman {
  let renewedAt = 0;
  const ledAt = new Map<string, number>();
  const at = { namespace: ownNamespace, name: 'grantor-controller' };
  const holder = (): string | undefined => server.find<Lease>('leases', at)?.spec?.holderIdentity;

  return {
    changed({ plural }) {
      if (plural !== 'leases') return;
      renewedAt = clock.elapsed();
      const leader = holder();
      if (leader !== undefined) ledAt.set(leader, clock.elapsed());
    },
    leaves({ identity, life }: Actor, call) {
      const { port, operation, given } = call;
      if (!effects[port].includes(operation) || isOfLease(call) || isStopped(given)) return;
      if (holder() === identity && clock.elapsed() - renewedAt <= leaseDuration) return;
      // What it does at the very moment at which it goes on, it decided before it stood still.
      if (life.thawedAt === clock.elapsed()) return;
      const hadToStop = Math.max(life.thawedAt, ledAt.get(identity) ?? Number.NEGATIVE_INFINITY);
      if (!isOfRecord(call) || clock.elapsed() - hadToStop > rememberWithin)
        report('only the leader acts', `${identity} calls ${operation} while ${holder()} holds the lease`);
    },
  };
}

const isOfRecord = ({ port, operation, given: [, object] }: PortCall): boolean =>
  port === 'kube' &&
  operation === 'replace' &&
  (object as { readonly type?: string }).type === 'grantor.dev/registration';

/** A call whose signal has aborted never leaves. */
const isStopped = (given: readonly unknown[]): boolean =>
  given.some((one) => (one as { readonly signal?: AbortSignal } | null | undefined)?.signal?.aborted);
