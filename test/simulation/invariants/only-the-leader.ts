import type { Registration } from '../../../src/domain/registration-record.ts';
import type { Lease } from '../../../src/runtime/lease.ts';
import { seconds } from '../../../src/std/duration.ts';
import { ownNamespace } from '../manifests.ts';
import { isOfLease, type PortCall } from '../mortal-ports.ts';
import type { Actor, Scene, Watchman } from './scene.ts';
import { type StoredSecret, valueOf } from './stored.ts';

/** After this long without a renewal another may take the lease. */
const leaseDuration = seconds(12);
/**
 * An answer of an issuer that cannot be had again is followed up for so long, lease or not: it is written down, with the record's version as
 * precondition, and a client that no record tells of is taken away again.
 */
const followUpWithin = seconds(30);

const effects: Readonly<Record<PortCall['port'], readonly string[]>> = {
  kube: ['create', 'replace', 'patchMetadata', 'apply', 'applyStatus', 'delete', 'requestToken'],
  issuer: ['register', 'update', 'revokeAll', 'deregister', 'requestToken', 'revoke'],
};

/** Who does not hold the lease, and has not just stood still with a call in its hands, changes nothing anywhere. */
export function onlyTheLeaderActs({ clock, server, report }: Scene): Watchman {
  let renewedAt = 0;
  const ledAt = new Map<string, number>();
  const at = { namespace: ownNamespace, name: 'grantor-controller' };
  /** Whether a record tells of this client. */
  const isRecorded = (client: unknown): boolean =>
    (server.storage.list('secrets') as StoredSecret[]).some(
      (secret) => valueOf(secret, 'client_id') === (client as Registration).clientID,
    );
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
      if (!effects[port].includes(operation) || isOfLease(call) || isEvent(call) || isStopped(given)) return;
      if (holder() === identity && clock.elapsed() - renewedAt <= leaseDuration) return;
      // What it does at the very moment at which it goes on, it decided before it stood still.
      if (life.thawedAt === clock.elapsed()) return;
      const hadToStop = Math.max(life.thawedAt, ledAt.get(identity) ?? Number.NEGATIVE_INFINITY);
      const follows = isOfRecord(call) || (isRemoval(call) && !isRecorded(call.given[0]));
      if (!follows || clock.elapsed() - hadToStop > followUpWithin)
        report('only the leader acts', `${identity} calls ${operation} while ${holder()} holds the lease`);
    },
  };
}

const isOfRecord = ({ port, operation, given: [, object] }: PortCall): boolean =>
  port === 'kube' &&
  operation === 'replace' &&
  (object as { readonly type?: string }).type === 'grantor.dev/registration';

const isRemoval = ({ port, operation }: PortCall): boolean => port === 'issuer' && operation === 'deregister';

/** What tells of a change that counted changes nothing, however late it is. */
const isEvent = ({ port, given: [kind] }: PortCall): boolean =>
  port === 'kube' && (kind as { readonly plural?: string } | undefined)?.plural === 'events';

/** A call whose signal has aborted never leaves. */
const isStopped = (given: readonly unknown[]): boolean =>
  given.some((one) => (one as { readonly signal?: AbortSignal } | null | undefined)?.signal?.aborted);
