import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aGrant, now } from '../../test/gen/facts.ts';
import {
  aClient,
  anIssuer,
  aTenantScope,
  withMetadata,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import {
  aGrantedBinding,
  aPod,
  aProof,
  aVolumeToken,
  grantedStatus,
  volumeFacts,
} from '../../test/gen/volumes.ts';
import { hours, minutes, seconds } from '../std/duration.ts';
import { formatInstant, type Instant, instantIn, plus } from '../std/instant.ts';
import { grantHash } from './grant.ts';
import { planVolume } from './plan-volume.ts';
import type { VolumeFacts, VolumeToken } from './volume-facts.ts';

const orNot = <T>(...values: readonly T[]) => fc.constantFrom<T | undefined>(undefined, ...values);
const moment = fc.integer({ min: -7200, max: 7200 }).map((offset) => plus(now, seconds(offset)));

const anyBinding = fc
  .record({
    withdrawnAt: fc.option(moment, { nil: undefined }),
    granted: fc.boolean(),
    generation: fc.constantFrom(1, 1, 1, 2),
    uid: fc.constantFrom('uid-billing-api', 'uid-billing-api', 'uid-new'),
    onExpiry: fc.constantFrom('Remove' as const, 'Keep' as const),
    renewAtPercent: fc.integer({ min: 10, max: 75 }),
  })
  .map(({ withdrawnAt, granted, generation, uid, onExpiry, renewAtPercent }) => {
    const withdrawal = withdrawnAt && {
      reason: 'NoTenantScope',
      startedAt: formatInstant(now),
      effectiveAt: formatInstant(withdrawnAt),
    };
    const { grant, ...status } = grantedStatus();
    return aGrantedBinding(
      withStatus({
        ...status,
        ...(granted && grant ? { grant } : {}),
        ...(withdrawal ? { withdrawal } : {}),
      }),
      withMetadata({ generation, uid }),
      withSpec({ rotation: { renewAtPercent, onExpiry } }),
    );
  });

const anyDelivered: fc.Arbitrary<VolumeToken | undefined> = fc.option(
  fc
    .record({
      issuedAt: moment,
      life: fc.integer({ min: 5, max: 3600 }),
      generation: fc.integer({ min: 1, max: 5 }),
      hash: fc.constantFrom(grantHash(aGrant()), grantHash(aGrant()), 'other'),
    })
    .map(({ issuedAt, life, generation, hash }) =>
      aVolumeToken({ issuedAt, expiresAt: plus(issuedAt, seconds(life)), generation, grantHash: hash }),
    ),
  { nil: undefined },
);

/** A volume in any state, most of whose objects are as they should be. */
const anyFacts: fc.Arbitrary<VolumeFacts> = fc
  .record(
    {
      binding: fc.oneof({ weight: 9, arbitrary: anyBinding }, fc.constant(undefined)),
      client: orNot(aClient(), aClient(), aClient(withMetadata({ generation: 2 }))),
      issuer: orNot(anIssuer(), anIssuer(), anIssuer(withMetadata({ generation: 2 }))),
      scope: orNot(aTenantScope(), aTenantScope(), aTenantScope(withSpec({ suspend: true }))),
      unreadable: orNot(undefined, undefined, 'it cannot be read'),
      synced: fc.constantFrom(true, true, true, false),
      heardAt: moment,
      pod: fc.constantFrom(aPod(), aPod(), aPod({ serviceAccountName: 'default' })),
      proof: fc.constantFrom<VolumeFacts['proof']>(
        ...[aProof(), aProof(), aProof({ serviceAccountUID: 'uid-before' }), aProof({ expiresAt: now })],
        { kind: 'awaited' },
      ),
      delivered: anyDelivered,
    },
    { requiredKeys: ['binding', 'delivered'] },
  )
  .map((change) => volumeFacts(change));

const check = (property: (facts: VolumeFacts, at: Instant) => void): void =>
  fc.assert(fc.property(anyFacts, moment, property), { numRuns: 2000 });

describe('whatever becomes of a volume', () => {
  it('nothing is asked for that is not granted to this very pod', () => {
    check((facts, at) => {
      if (planVolume(facts, at).action?.kind !== 'obtain') return;
      const { binding, proof, pod, scope } = facts;
      const grant = binding?.status?.grant;
      expect(grant?.serviceAccount.name).toBe(pod.serviceAccountName);
      expect(proof).toMatchObject({ serviceAccountUID: grant?.serviceAccount.uid, podUID: pod.uid });
      expect(scope?.spec.suspend).not.toBe(true);
      const effectiveAt = binding?.status?.withdrawal?.effectiveAt;
      expect(effectiveAt === undefined || effectiveAt > formatInstant(at)).toBe(true);
    });
  });

  it('no token is left in it past its end, or past the time at which it was withdrawn', () => {
    check((facts, at) => {
      const { delivered, binding, scope, synced } = facts;
      const { action } = planVolume(facts, at);
      if (delivered === undefined) return;
      const isOver = delivered.expiresAt <= at && binding?.spec.rotation.onExpiry !== 'Keep';
      const withdrawal = binding?.status?.withdrawal;
      const isTaken =
        (synced && scope?.spec.suspend === true) ||
        (synced && withdrawal !== undefined && withdrawal.effectiveAt <= formatInstant(at));
      if (isOver || isTaken) expect(action?.kind).toBe('clear');
    });
  });

  it('it is looked at again in time, and never in the past', () => {
    check((facts, at) => {
      const { action, wakeAt } = planVolume(facts, at);
      if (wakeAt !== undefined) expect(wakeAt).toBeGreaterThan(at);
      const { delivered, binding } = facts;
      if (delivered === undefined || action?.kind === 'clear' || binding?.spec.rotation.onExpiry === 'Keep')
        return;
      expect(wakeAt).toBeLessThanOrEqual(delivered.expiresAt);
      const withdrawnAt = instantIn(binding?.status?.withdrawal?.effectiveAt);
      if (withdrawnAt !== undefined && withdrawnAt > at) expect(wakeAt).toBeLessThanOrEqual(withdrawnAt);
    });
  });

  it('it comes to rest: what a plan does is not to be done again at the same moment', () => {
    check((facts, at) => {
      const { action } = planVolume(facts, at);
      if (action === undefined) return;
      const delivered =
        action.kind === 'clear'
          ? undefined
          : aVolumeToken({
              issuedAt: at,
              expiresAt: plus(at, minutes(10)),
              generation: action.generation,
              dueAt: action.dueAt,
              grantHash: action.grantHash,
              bindingUID: facts.binding?.metadata.uid ?? '',
            });
      const after = planVolume({ ...facts, delivered }, at);
      expect(after.action?.kind).not.toBe(action.kind);
      // And after a failure it is left alone for a moment.
      const failure = { reason: 'IssuerUnavailable', message: '', retry: 'soon' } as const;
      const attempt = { fingerprint: action.fingerprint, failure, at, count: 1 };
      expect(planVolume({ ...facts, attempt }, at).action).toBeUndefined();
      expect(planVolume({ ...facts, attempt }, at).wakeAt).toBeLessThanOrEqual(plus(at, seconds(2)));
    });
  });

  it('what is remembered of a token keeps it neither beyond the ceiling nor from being renewed once the clock was set back', () => {
    check((facts, at) => {
      const { delivered, binding } = facts;
      if (delivered === undefined || binding?.status?.grant === undefined) return;
      const endless = { ...facts, delivered: { ...delivered, expiresAt: plus(at, hours(9)) } };
      const { action, verdict } = planVolume(endless, at);
      const isBeyond = at >= plus(delivered.issuedAt, minutes(15));
      if (isBeyond && binding.spec.rotation.onExpiry === 'Remove') expect(action?.kind).toBe('clear');
      const wasSetBack = delivered.issuedAt > plus(at, minutes(1));
      if (wasSetBack && verdict.kind === 'granted') expect(action).toBeDefined();
    });
  });
});
