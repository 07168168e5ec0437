import type { WorkloadIdentityBinding } from '../../src/api/workload-identity-binding.ts';
import { grantHash } from '../../src/domain/grant.ts';
import { grantStatus } from '../../src/domain/grant-status.ts';
import type { PodProof, PodRef, VolumeFacts, VolumeToken } from '../../src/domain/volume-facts.ts';
import { hours, minutes } from '../../src/std/duration.ts';
import { plus } from '../../src/std/instant.ts';
import { aGrant, now } from './facts.ts';
import { aBinding, aClient, anIssuer, aTenantScope, type Change, withStatus } from './objects.ts';

type Status = NonNullable<WorkloadIdentityBinding['status']>;

/** A pod of the ServiceAccount that the binding is for. */
export const aPod = (change: Partial<PodRef> = {}): PodRef => ({
  namespace: 'acme-prod',
  name: 'billing-7d4b9',
  uid: 'uid-pod',
  serviceAccountName: 'billing',
  ...change,
});

/** What was granted to `aBinding` by `aTenantScope`, with volumes among the deliveries. */
export const grantedStatus = (change: Partial<Status> = {}): Status => ({
  observedGeneration: 1,
  grant: {
    ...grantStatus(aGrant(), { scope: aTenantScope(), client: aClient(), issuer: anIssuer() }),
    deliveries: ['Volume', 'Secret'],
  },
  ...change,
});

/** A binding that the controller has granted. */
export const aGrantedBinding = (
  ...changes: readonly Change<WorkloadIdentityBinding>[]
): WorkloadIdentityBinding => aBinding(withStatus(grantedStatus()), ...changes);

/** A ServiceAccount token of that pod, with an hour to live. */
export const aProof = (change: Partial<PodProof> = {}): VolumeFacts['proof'] => ({
  kind: 'given',
  namespace: 'acme-prod',
  podUID: 'uid-pod',
  serviceAccountName: 'billing',
  serviceAccountUID: 'uid-sa',
  life: hours(1),
  expiresAt: plus(now, hours(1)),
  spent: false,
  ...change,
});

/** A token of ten minutes that came just now. */
export const aVolumeToken = (change: Partial<VolumeToken> = {}): VolumeToken => ({
  issuedAt: now,
  expiresAt: plus(now, minutes(10)),
  generation: 1,
  bindingUID: 'uid-billing-api',
  grantHash: grantHash(aGrant()),
  ...{ issuer: 'https://login.example', clientID: 'client-1', tenantID: 'acme' },
  ...change,
});

/** A volume for which everything is in place but the token. */
export const volumeFacts = (change: Partial<VolumeFacts> = {}): VolumeFacts => ({
  volumeID: 'csi-1',
  pod: aPod(),
  bindingName: 'billing-api',
  binding: aGrantedBinding(),
  client: aClient(),
  issuer: anIssuer(),
  scope: aTenantScope(),
  unreadable: undefined,
  synced: true,
  heardAt: now,
  proof: aProof(),
  delivered: undefined,
  attempt: undefined,
  ...change,
});
