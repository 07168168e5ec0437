import { describe, expect, it } from 'vitest';
import { aGrant, now } from '../../test/gen/facts.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../test/gen/objects.ts';
import { aGrantedBinding, aProof, aVolumeToken, grantedStatus, volumeFacts } from '../../test/gen/volumes.ts';
import { minutes, seconds } from '../std/duration.ts';
import { between, formatInstant, minus, plus } from '../std/instant.ts';
import type { FailedAttempt } from './attempt.ts';
import { issueFingerprint } from './binding-plan.ts';
import { grantHash } from './grant.ts';
import { planVolume } from './plan-volume.ts';
import type { VolumeFacts } from './volume-facts.ts';

/** A token that came so many seconds ago, for ten minutes. */
const since = (age: number, change: Parameters<typeof aVolumeToken>[0] = {}) =>
  aVolumeToken({
    issuedAt: minus(now, seconds(age)),
    expiresAt: plus(now, seconds(600 - age)),
    ...change,
  });
const suspended = { scope: aTenantScope(withSpec({ suspend: true })) };
const keeping = aGrantedBinding(withSpec({ rotation: { renewAtPercent: 65, onExpiry: 'Keep' } }));
const recreated = aGrantedBinding(withMetadata({ uid: 'uid-new' }));
const failed = (facts: VolumeFacts, change: Partial<FailedAttempt> = {}): VolumeFacts => ({
  ...facts,
  attempt: {
    fingerprint: issueFingerprint(grantHash(aGrant()), aGrantedBinding(), true),
    failure: { reason: 'IssuerUnavailable', message: 'the issuer is away', retry: 'soon' },
    at: now,
    count: 1,
    ...change,
  },
});
const clearFailed: FailedAttempt = {
  fingerprint: 'clear',
  failure: { reason: 'Pending', message: 'busy', retry: 'soon' },
  at: now,
  count: 1,
};

/** A plan in short: what is done, what the pod finds, what is told, and in how many seconds it is looked again. */
function inWords(facts: VolumeFacts): string {
  const { action, content, trouble, wakeAt } = planVolume(facts, now);
  const parts = [
    action === undefined
      ? 'wait'
      : action.kind === 'clear'
        ? `clear ${action.because}`
        : `obtain ${action.generation}${action.dueAt ? ' due' : ''}`,
    content,
    ...(trouble ? [trouble.reason] : []),
    ...(wakeAt ? [`${Math.round(between(now, wakeAt) / 1000)} s`] : []),
  ];
  return parts.join(', ');
}

describe('a volume', () => {
  it.each<[string, VolumeFacts, string]>([
    ['without a token gets its first', volumeFacts(), 'obtain 1, Empty'],
    ['with a fresh token waits for its renewal', volumeFacts({ delivered: since(0) }), 'wait, Fresh, 345 s'],
    ['renews what is due', volumeFacts({ delivered: since(470) }), 'obtain 2 due, Fresh, 10 s'],
    [
      'gets another token once another is granted',
      volumeFacts({ delivered: since(0, { grantHash: 'before' }) }),
      'obtain 1, Fresh, 480 s',
    ],
    [
      'gets another token once all before were revoked',
      volumeFacts({
        delivered: since(60),
        client: aClient(
          withStatus({ ...aClient().status, tokensRevokedAt: formatInstant(minus(now, seconds(10))) }),
        ),
      }),
      'obtain 1, Fresh, 420 s',
    ],
    [
      'keeps its token where all before it were revoked',
      volumeFacts({
        delivered: since(60),
        client: aClient(
          withStatus({ ...aClient().status, tokensRevokedAt: formatInstant(minus(now, seconds(100))) }),
        ),
      }),
      'wait, Fresh, 285 s',
    ],
    ['waits after a failure', failed(volumeFacts()), 'wait, Empty, IssuerUnavailable, 1 s'],
    [
      'tells nothing of a renewal that fails in time',
      failed(volumeFacts({ delivered: since(470) })),
      'wait, Fresh, 1 s',
    ],
    [
      'tells of a renewal that is late',
      failed(volumeFacts({ delivered: since(500) })),
      'wait, Late, IssuerUnavailable, 1 s',
    ],
    [
      'tries again when the wait is over',
      failed(volumeFacts({ delivered: since(500) }), { at: minus(now, seconds(2)) }),
      'obtain 2 due, Late, IssuerUnavailable, 100 s',
    ],
    [
      'asks at once for what is newly granted, whatever failed before',
      failed(volumeFacts(), { fingerprint: 'other' }),
      'obtain 1, Empty',
    ],
    [
      'is emptied before it is late for its expiry',
      volumeFacts({ delivered: since(600) }),
      'clear expired, Expired',
    ],
    [
      'is emptied of what has expired while the issuer is away',
      failed(volumeFacts({ delivered: since(601) })),
      'clear expired, Expired, IssuerUnavailable',
    ],
    [
      'keeps what has expired if the binding says so',
      failed(volumeFacts({ delivered: since(600), binding: keeping })),
      'wait, Expired, IssuerUnavailable, 1 s',
    ],
    [
      'renews what has expired and was kept',
      volumeFacts({ delivered: since(600), binding: keeping }),
      'obtain 2 due, Expired',
    ],
    [
      'is emptied of what has expired while nothing can be read',
      volumeFacts({ delivered: since(600), synced: false, binding: undefined }),
      'clear expired, Expired',
    ],
    [
      'is emptied when its tenant is suspended',
      volumeFacts({ ...suspended, delivered: since(0) }),
      'clear withdrawn, Late, Suspended',
    ],
    ['stays empty while it is suspended', volumeFacts(suspended), 'wait, Empty, Suspended'],
    [
      'is emptied when its binding was made anew',
      volumeFacts({ binding: recreated, delivered: since(0) }),
      'clear recreated, Fresh',
    ],
    [
      'is emptied again after that failed',
      volumeFacts({ ...suspended, delivered: since(0), attempt: clearFailed }),
      'wait, Late, Suspended, 1 s',
    ],
    [
      'keeps its token while nothing is decided',
      volumeFacts({ delivered: since(0), client: undefined }),
      'wait, Fresh, 480 s',
    ],
    [
      'tells of what is undecided when it is late',
      volumeFacts({ delivered: since(500), client: undefined }),
      'wait, Late, ClientNotReady, 100 s',
    ],
    [
      'tells nothing of what a plug-in waits for that has just started',
      volumeFacts({ delivered: since(500), proof: { kind: 'awaited' } }),
      'wait, Late, 100 s',
    ],
    [
      'asks for nothing before the kubelet has called',
      volumeFacts({ delivered: since(470), proof: { kind: 'awaited' } }),
      'wait, Fresh, 10 s',
    ],
    [
      'renews at once what comes from the future',
      volumeFacts({ delivered: since(-3600) }),
      'obtain 2, Fresh, 900 s',
    ],
    [
      'believes no life beyond the ceiling',
      volumeFacts({ delivered: since(1000, { expiresAt: plus(now, minutes(600)) }) }),
      'clear expired, Expired',
    ],
  ])('%s', (_, facts, words) => {
    expect(inWords(facts)).toBe(words);
  });

  it('is looked at again when what may be an accident is over', () => {
    const effectiveAt = formatInstant(plus(now, seconds(60)));
    const withdrawal = { reason: 'NoTenantScope', startedAt: formatInstant(now), effectiveAt };
    const binding = aGrantedBinding(withStatus(grantedStatus({ withdrawal })));
    expect(inWords(volumeFacts({ binding, delivered: since(0), scope: undefined }))).toBe(
      'wait, Fresh, 60 s',
    );
    const unproven = { binding, delivered: since(0), proof: { kind: 'awaited' } } as const;
    expect(inWords(volumeFacts(unproven))).toBe('wait, Fresh, 60 s');
    const later = plus(now, seconds(60));
    expect(planVolume(volumeFacts({ binding, delivered: since(0) }), later).action).toMatchObject({
      kind: 'clear',
      because: 'withdrawn',
    });
  });

  it('is renewed at another moment than others of its binding', () => {
    const renewalOf = (volumeID: string) =>
      planVolume(volumeFacts({ volumeID, delivered: since(0) }), now).wakeAt;
    expect(new Set(['csi-1', 'csi-2', 'csi-3'].map(renewalOf)).size).toBe(3);
  });

  it('asks once the kubelet brings a token that a careful issuer has not seen', () => {
    const facts = volumeFacts({ delivered: since(470), proof: aProof({ spent: true }) });
    expect(planVolume(facts, now).action?.kind).toBe('obtain');
  });
});
