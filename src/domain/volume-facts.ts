import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import type { Duration } from '../std/duration.ts';
import type { Instant } from '../std/instant.ts';
import type { FailedAttempt } from './attempt.ts';
import type { TokenLife } from './rotation.ts';

/** The pod that a volume is for, as the kubelet names it (`podInfoOnMount`). */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly serviceAccountName: string;
}

/** What is remembered of the token that lies in a volume: its schedule and what it was obtained for. Never the token. */
export type VolumeToken = TokenLife & {
  readonly bindingUID: string;
  readonly grantHash: string;
  /** By whom, to whom and for which tenant it was given: what it takes to have it revoked when the grant is gone. */
  readonly issuer: string;
  readonly clientID: string;
  readonly tenantID: string;
};

/** What a ServiceAccount token says that the kubelet brought for a pod, for the audience of one issuer. */
export interface PodProof {
  readonly namespace: string;
  readonly podUID: string;
  readonly serviceAccountName: string;
  readonly serviceAccountUID: string;
  readonly life: Duration;
  readonly expiresAt: Instant;
  /** An issuer that takes each only once has had it. */
  readonly spent: boolean;
}

/** What the kubelet brought to show to the issuer. */
export type PodProofFact =
  /** It has not called since the plug-in started. */
  | { readonly kind: 'awaited' }
  /** It called, and brought none for this audience. */
  | { readonly kind: 'missing'; readonly audience: string }
  /** It brought something else than a token of a pod. */
  | { readonly kind: 'unreadable'; readonly detail: string }
  | ({ readonly kind: 'given' } & PodProof);

/** What a node reads of an OAuthClient: which one it is, and when all its tokens were revoked. */
export interface SeenClient {
  readonly metadata: Version;
  readonly status?: { readonly tokensRevokedAt?: string } | undefined;
}

/** What a node reads of a TenantScope. */
export interface SeenScope {
  readonly metadata: Version;
  readonly spec: { readonly suspend: boolean };
}

interface Version {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
}

/** Everything that the decision about one volume rests on. */
export interface VolumeFacts {
  readonly volumeID: string;
  readonly pod: PodRef;
  /** Name of the binding that the pod mounts. */
  readonly bindingName: string;
  readonly binding: WorkloadIdentityBinding | undefined;
  /** The client that the binding names. */
  readonly client: SeenClient | undefined;
  /** The issuer that `status.grant` names. */
  readonly issuer: OAuthIssuer | undefined;
  /** The TenantScope that `status.grant` was derived from, as it is now. */
  readonly scope: SeenScope | undefined;
  /** An object that is there and cannot be read, in a sentence. */
  readonly unreadable: string | undefined;
  /** Whether all of this has been read at least once. */
  readonly synced: boolean;
  /** When the API server was last heard of about all of it. */
  readonly heardAt: Instant;
  readonly proof: PodProofFact;
  readonly delivered: VolumeToken | undefined;
  readonly attempt: FailedAttempt | undefined;
}
