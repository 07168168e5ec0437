import { describe, expect, it } from 'vitest';
import { now } from '../../test/gen/facts.ts';
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
import { formatInstant, minus, plus } from '../std/instant.ts';
import type { VolumeFacts } from './volume-facts.ts';
import { volumeRules } from './volume-rules.ts';
import { volumeLapse, volumeVerdict } from './volume-verdict.ts';

const withdrawalAt = (effectiveAt: string, reason = 'Suspended') => ({
  withdrawal: { reason, startedAt: formatInstant(now), effectiveAt },
});
const withdrawn = aGrantedBinding(
  withStatus({
    ...grantedStatus(withdrawalAt(formatInstant(now))),
    violations: [{ reason: 'Suspended', field: 'metadata.namespace', message: 'metadata.namespace: why' }],
  }),
);
const countingDown = aGrantedBinding(
  withStatus(grantedStatus(withdrawalAt(formatInstant(plus(now, minutes(5))), 'NoTenantScope'))),
);
const isFalse = (type: 'Allowed' | 'Ready', reason: string, message: string) =>
  ({ type, status: 'False', reason, message, lastTransitionTime: '' }) as const;
const neverGranted = aGrantedBinding(withStatus({}));
const refusedAtOnce = aGrantedBinding(
  withStatus({
    observedGeneration: 1,
    conditions: [isFalse('Allowed', 'ScopeNotAllowed', 'spec.token.scopes: no')],
  }),
);
const incomplete = aGrantedBinding(
  withStatus({
    observedGeneration: 1,
    conditions: [isFalse('Ready', 'ClientNotReady', 'not registered yet')],
  }),
);
const grant = grantedStatus().grant as NonNullable<ReturnType<typeof grantedStatus>['grant']>;
const granted = (change: Partial<typeof grant>) =>
  aGrantedBinding(withStatus(grantedStatus({ grant: { ...grant, ...change } })));
const singleUse = anIssuer(withSpec({ federation: { method: 'JWTBearer', assertionReuse: 'SingleUse' } }));
const there = { delivered: aVolumeToken() };

/** What is different from a volume that may have a token, and what is said of it then. */
type Row = readonly [string, Partial<VolumeFacts>, string];

const rows: readonly Row[] = [
  [
    'before everything was read',
    { synced: false },
    'pending Pending: what namespace acme-prod is granted has not been read yet',
  ],
  [
    'of a binding that is not there',
    { binding: undefined },
    'pending BindingNotFound: there is no WorkloadIdentityBinding billing-api in namespace acme-prod',
  ],
  [
    'of a binding that is there no more',
    { binding: undefined, ...there },
    'withdrawn BindingNotFound: there is no WorkloadIdentityBinding billing-api in namespace acme-prod',
  ],
  [
    'of a binding that is being deleted',
    { binding: aGrantedBinding(withMetadata({ deletionTimestamp: '2026-06-01T11:00:00Z' })) },
    'withdrawn BindingNotFound: WorkloadIdentityBinding billing-api is being deleted',
  ],
  [
    'of a binding of another namespace (regression 26)',
    { pod: aPod({ namespace: 'globex' }), proof: aProof({ namespace: 'globex' }) },
    'withdrawn BindingNotFound: WorkloadIdentityBinding billing-api is of another namespace than the pod',
  ],
  [
    'of a binding that is withdrawn, a grant beside it or not',
    { binding: withdrawn },
    'withdrawn Suspended: WorkloadIdentityBinding billing-api is not allowed any more: metadata.namespace: why',
  ],
  [
    'of a binding whose withdrawal has no time',
    { binding: aGrantedBinding(withStatus(grantedStatus(withdrawalAt('soon')))) },
    'withdrawn Suspended: WorkloadIdentityBinding billing-api is not allowed any more: Suspended',
  ],
  [
    'of a tenant that is suspended',
    { scope: aTenantScope(withSpec({ suspend: true })) },
    'withdrawn Suspended: TenantScope acme: spec.suspend is true',
  ],
  [
    'of a tenant that is suspended while it counts down',
    { scope: aTenantScope(withSpec({ suspend: true })), binding: countingDown },
    'withdrawn Suspended: TenantScope acme: spec.suspend is true',
  ],
  [
    'of a binding that cannot be read',
    { binding: undefined, unreadable: 'spec.token: wrong' },
    'pending Malformed: spec.token: wrong',
  ],
  [
    'of a client that cannot be read',
    { client: undefined, unreadable: 'spec.scopes: wrong' },
    'pending Malformed: spec.scopes: wrong',
  ],
  [
    'that nothing was decided of',
    { binding: neverGranted },
    'pending Pending: WorkloadIdentityBinding billing-api is not granted yet',
  ],
  [
    'whose client is not ready',
    { binding: incomplete },
    'pending ClientNotReady: WorkloadIdentityBinding billing-api is not granted yet: not registered yet',
  ],
  [
    'that is refused',
    { binding: refusedAtOnce },
    'refused ScopeNotAllowed: WorkloadIdentityBinding billing-api is not granted: spec.token.scopes: no',
  ],
  [
    'that was granted once and is not now',
    { binding: neverGranted, ...there },
    'withdrawn Pending: WorkloadIdentityBinding billing-api is not granted yet',
  ],
  [
    'of a pod of another ServiceAccount (regression 26)',
    { pod: aPod({ serviceAccountName: 'default' }), proof: aProof({ serviceAccountName: 'default' }) },
    'withdrawn ServiceAccountMismatch: WorkloadIdentityBinding billing-api is for ServiceAccount billing, and the pod runs as default',
  ],
  [
    'with the ServiceAccount token of another pod',
    { proof: aProof({ podUID: 'uid-other' }) },
    'withdrawn PodTokenRefused: the ServiceAccount token that came with the call is of another pod',
  ],
  [
    'with the ServiceAccount token of another namespace',
    { proof: aProof({ namespace: 'globex' }) },
    'withdrawn PodTokenRefused: the ServiceAccount token that came with the call is of another pod',
  ],
  [
    'with the token of another ServiceAccount',
    { proof: aProof({ serviceAccountName: 'default' }) },
    'withdrawn PodTokenRefused: the ServiceAccount token that came with the call is of another pod',
  ],
  [
    'of a changed binding',
    { binding: aGrantedBinding(withMetadata({ generation: 2 })) },
    'pending Pending: WorkloadIdentityBinding billing-api was changed, and nothing has been decided since',
  ],
  [
    'of a changed client',
    { client: aClient(withMetadata({ generation: 2 })) },
    'pending ClientNotReady: OAuthClient billing is not as it was when WorkloadIdentityBinding billing-api was granted, and nothing has been decided since',
  ],
  [
    'of another client of that name',
    { client: aClient(withMetadata({ uid: 'uid-other' })) },
    'pending ClientNotReady: OAuthClient billing is not as it was when WorkloadIdentityBinding billing-api was granted, and nothing has been decided since',
  ],
  [
    'of a changed client while it counts down',
    { client: aClient(withMetadata({ generation: 2 })), binding: countingDown },
    'pending ClientNotReady: OAuthClient billing is not as it was when WorkloadIdentityBinding billing-api was granted, and nothing has been decided since',
  ],
  [
    'of a changed issuer',
    { issuer: anIssuer(withMetadata({ generation: 2 })) },
    'pending IssuerNotReady: the OAuthIssuer is not as it was when WorkloadIdentityBinding billing-api was granted, and nothing has been decided since',
  ],
  [
    'of another issuer of that name, while it counts down or not',
    { issuer: anIssuer(withMetadata({ uid: 'uid-other' })), binding: countingDown },
    'pending IssuerNotReady: the OAuthIssuer is not as it was when WorkloadIdentityBinding billing-api was granted, and nothing has been decided since',
  ],
  [
    'of a changed TenantScope',
    { scope: aTenantScope(withMetadata({ generation: 2 })) },
    'pending Pending: the TenantScope is not as it was when WorkloadIdentityBinding billing-api was granted, and nothing has been decided since',
  ],
  [
    'of a TenantScope that is gone',
    { scope: undefined },
    'pending Pending: the TenantScope is not as it was when WorkloadIdentityBinding billing-api was granted, and nothing has been decided since',
  ],
  [
    'of a pod of a ServiceAccount that was created anew (regression 26)',
    { proof: aProof({ serviceAccountUID: 'uid-before' }) },
    'withdrawn ServiceAccountMismatch: ServiceAccount billing was created anew: the pod is of another one than WorkloadIdentityBinding billing-api is granted to',
  ],
  [
    'of a tenant without volumes',
    { binding: granted({ deliveries: ['Secret'] }) },
    'withdrawn DeliveryNotAllowed: the TenantScope does not allow WorkloadIdentityBinding billing-api to be mounted',
  ],
  [
    'of a client with a credential',
    { binding: granted({ authentication: 'PrivateKey' }) },
    'refused VolumeNeedsFederatedClient: nodes hold no credentials, and OAuthClient billing logs in with one',
  ],
  [
    'of a token that would be renewed more often than the kubelet brings proofs',
    { issuer: singleUse },
    'refused VolumeNeedsReusableAssertion: the issuer accepts each ServiceAccount token once, a pod gets another one after 49m30s at the latest, and a token that lives 15m is renewed 9m after it came',
  ],
  [
    'after an hour without the API server',
    { heardAt: minus(now, hours(2)) },
    'pending VolumeViewStale: the API server has not been heard of for 1h',
  ],
  [
    'by a clock that was set back by hours',
    { heardAt: plus(now, hours(2)) },
    'pending VolumeViewStale: the API server has not been heard of for 1h',
  ],
  [
    'before the kubelet has called',
    { proof: { kind: 'awaited' } },
    'pending PodTokenAwaited: the kubelet has not brought a ServiceAccount token yet',
  ],
  [
    'for an audience that is not installed',
    { proof: { kind: 'missing', audience: 'https://login.example' } },
    'refused AudienceNotInstalled: no ServiceAccount token for the audience https://login.example came with the call: it is not among the tokenRequests of CSIDriver csi.grantor.dev',
  ],
  [
    'with something else than a token',
    { proof: { kind: 'unreadable', detail: 'no JWT' } },
    'refused PodTokenRefused: the ServiceAccount token that came with the call is none: no JWT',
  ],
  [
    'with a ServiceAccount token that has ended',
    { proof: aProof({ expiresAt: now }) },
    'pending PodTokenAwaited: the ServiceAccount token has ended, and the kubelet has not brought another one yet',
  ],
  [
    'with a ServiceAccount token that a careful issuer has seen',
    { issuer: singleUse, proof: aProof({ spent: true, life: minutes(8) }) },
    'pending PodTokenAwaited: the issuer takes each ServiceAccount token once, and the kubelet has not brought another one yet',
  ],
];

const inWords = (facts: VolumeFacts): string => {
  const verdict = volumeVerdict(facts, now);
  return verdict.kind === 'granted' ? 'granted' : `${verdict.kind} ${verdict.reason}: ${verdict.message}`;
};

describe('a volume', () => {
  it('for which everything is in place may have a token', () => {
    expect(inWords(volumeFacts())).toBe('granted');
  });

  it.each(rows)('%s has none', (_, change, words) => {
    expect(inWords(volumeFacts(change))).toBe(words);
  });

  it.each<[string, Partial<VolumeFacts>]>([
    ['whose TenantScope is gone, perhaps by accident', { scope: undefined }],
    ['whose TenantScope was changed on the way', { scope: aTenantScope(withMetadata({ generation: 2 })) }],
    ['whose OAuthIssuer is being deleted', { issuer: anIssuer(withMetadata({ generation: 2 })) }],
  ])('%s keeps what it has while it counts down', (_, change) => {
    expect(inWords(volumeFacts({ ...change, binding: countingDown }))).toBe('granted');
  });

  it('may show a token again to an issuer that takes it more than once', () => {
    expect(inWords(volumeFacts({ proof: aProof({ spent: true }) }))).toBe('granted');
  });

  it('may be read while a clock is off by minutes', () => {
    expect(inWords(volumeFacts({ heardAt: plus(now, minutes(10)) }))).toBe('granted');
  });

  it('has no rule that no row above is about', () => {
    const first = rows.map(([, change]) => volumeRules.findIndex((rule) => rule(volumeFacts(change), now)));
    expect([...new Set(first)].sort((a, b) => a - b)).toEqual(volumeRules.map((_, index) => index));
  });
});

describe('a token on its way', () => {
  it('is delivered if what is granted is still what it was asked with', () => {
    const { grantHash } = aVolumeToken();
    expect(volumeLapse(grantHash, volumeFacts(), now)).toBeUndefined();
    expect(volumeLapse('other', volumeFacts(), now)).toBe('something else is granted now');
    expect(volumeLapse(grantHash, volumeFacts({ binding: withdrawn }), now)).toContain(
      'not allowed any more',
    );
    expect(volumeLapse(grantHash, volumeFacts(), plus(now, seconds(3601)))).toContain('API server');
  });
});
