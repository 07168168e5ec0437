import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import type { Instant } from '../std/instant.ts';
import type { FailedAttempt } from './attempt.ts';
import type { Labels } from './labels.ts';
import type { TokenLife } from './rotation.ts';
import type { SecretReach } from './secret-reach.ts';
import type { Tenancy } from './tenancy.ts';

/** What is known of the Secret that a binding delivers to. Read from its metadata: hints, never the token. */
export interface TokenSecret {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Absent where the annotations are missing or unreadable: the token is then replaced. */
  readonly delivered?: TokenLife & { readonly grantHash: string };
  /** Somebody else has changed its data. */
  readonly tampered?: true;
}

/** Everything that the decision about one binding rests on. */
export interface BindingFacts {
  /** Undefined when it was deleted, or is malformed. */
  readonly binding: WorkloadIdentityBinding | undefined;
  /** What is wrong with a binding that is there and cannot be read. Its Secrets are then `strays`: which one it names is not known. */
  readonly malformed: string | undefined;
  readonly namespaceTerminating: boolean;
  readonly tenancy: Tenancy;
  /** The TenantScope that `status.grant` was derived from, as it is now; undefined where there is none. */
  readonly grantedBy: TenantScope | undefined;
  /** Whether the tenant has as many older bindings as it may have. */
  readonly beyondQuota: boolean;
  readonly client: OAuthClient | undefined;
  readonly issuer: OAuthIssuer | undefined;
  /** Whether ServiceAccount tokens may be asked for it. */
  readonly audienceInstalled: boolean;
  /** UID of the ServiceAccount that the binding names, if there is one. */
  readonly serviceAccountUID: string | undefined;
  /** Its labels. */
  readonly serviceAccountLabels: Labels | undefined;
  /** `Kind name` of an older object that writes to the same Secret. */
  readonly secretHolder: string | undefined;
  readonly secretReach: SecretReach;
  /** The Secret of that name, if it is of our type and this binding owns it. */
  readonly secret: TokenSecret | undefined;
  /** Other Secrets of our type that this binding, or an earlier one of its name, owns. */
  readonly strays: readonly TokenSecret[];
  /** An object that the decision needs and that cannot be read, in a sentence. Nothing is given or taken away on its account. */
  readonly unreadable: string | undefined;
  /** What became of the tokens that were to be revoked, by the UID of the Secret that each is in, or was. */
  readonly revocations: ReadonlyMap<string, Revocation>;
  readonly attempt: FailedAttempt | undefined;
}

/** A token that is being revoked, or was. */
export interface Revocation {
  /** Version of the Secret that the token was in. A later one holds another. */
  readonly resourceVersion: string;
  readonly startedAt: Instant;
  /** Undefined while the issuer is still asked. */
  readonly outcome: 'Confirmed' | 'Unconfirmed' | undefined;
}

/** Facts about a binding that exists. */
export type ExistingBindingFacts = BindingFacts & { readonly binding: WorkloadIdentityBinding };
