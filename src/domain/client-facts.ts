import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import type { Instant } from '../std/instant.ts';
import type { FailedAttempt } from './attempt.ts';
import type { Labels } from './labels.ts';
import type { Look } from './look.ts';
import type { CredentialsSecret, RegistrationRecord } from './registration-record.ts';
import type { SecretReach } from './secret-reach.ts';
import type { ConsumerLook } from './stale-consumers.ts';
import type { Tenancy } from './tenancy.ts';

/** Everything that the decision about one client rests on. */
export interface ClientFacts {
  /** Undefined when it was deleted. */
  readonly client: OAuthClient | undefined;
  readonly tenancy: Tenancy;
  /** The TenantScope that `status.tenant` names, as it is now; undefined where there is none. */
  readonly grantedBy: TenantScope | undefined;
  /** Whether the tenant has as many older clients as it may have. */
  readonly beyondQuota: boolean;
  readonly issuer: OAuthIssuer | undefined;
  /** UID of the ServiceAccount that a federated client names, if there is one. */
  readonly serviceAccountUID: string | undefined;
  /** Its labels. */
  readonly serviceAccountLabels: Labels | undefined;
  /** `iss` of this cluster's ServiceAccount tokens. */
  readonly serviceAccountIssuer: string;
  readonly clusterID: string;
  /** Name of an older client for the same ServiceAccount at the same issuer. */
  readonly serviceAccountHolder: string | undefined;
  /** An older client that is, or wants to be, the same `claimedClient` of the same issuer, in words that name nobody of another namespace. */
  readonly clientIDHolder: string | undefined;
  /** `Kind name` of an older object that writes to the same Secret. */
  readonly secretHolder: string | undefined;
  readonly record: RegistrationRecord | undefined;
  /** Our record of this client where that cannot be read, and what is wrong with it, in a sentence. */
  readonly unreadableRecord:
    | (Pick<RegistrationRecord, 'name' | 'uid' | 'resourceVersion'> & { readonly problem: string })
    | undefined;
  /** Records of earlier objects of this name that went without waiting for us, each with its own issuer. */
  readonly orphans: readonly OrphanedRegistration[];
  readonly secretReach: SecretReach;
  /** The Secrets of our type that this client owns in its namespace; more than one after its name was changed. */
  readonly credentials: readonly CredentialsSecret[];
  /** What was last seen of the pods that take the copy of the credentials by environment variable. */
  readonly consumers: ConsumerLook | undefined;
  /** When its rotation may begin beside those of other clients of its issuer, once it has lined up. */
  readonly rotationTurn: Instant | undefined;
  /** An object that the decision needs and that cannot be read, in a sentence. Nothing is given or taken away on its account. */
  readonly unreadable: string | undefined;
  readonly attempt: FailedAttempt | undefined;
  readonly look: Look;
}

export interface OrphanedRegistration {
  readonly record: RegistrationRecord;
  /** The OAuthIssuer that the record names. */
  readonly issuer: OAuthIssuer | undefined;
  /** Since when we know that its OAuthClient is gone. In memory. */
  readonly since: Instant;
}

export type ExistingClientFacts = ClientFacts & { readonly client: OAuthClient };
