import { canonicalJson } from '../std/canonical-json.ts';
import { sha256 } from '../std/digest.ts';
import type { Duration } from '../std/duration.ts';
import type { ClaimPaths } from './claim-paths.ts';

/** How a client may log in to get a token for itself, in the words of the API. */
export type LoginMethod = 'Federated' | StoredMethod;

/** What a client logs in with that is kept somewhere, and can be replaced. */
export type StoredMethod = 'PrivateKey' | 'Secret' | 'MutualTLS';

/** The same for any client; one that is public has no tokens for itself. */
export type AuthenticationMethod = LoginMethod | 'Public';

export const isStored = (method: AuthenticationMethod): method is StoredMethod =>
  method !== 'Federated' && method !== 'Public';

/** Who logs in at an issuer, and how. */
export interface GrantLogin {
  readonly clientID: string;
  readonly method: LoginMethod;
  readonly tenantID: string;
  readonly serviceAccount: { readonly namespace: string; readonly name: string; readonly uid: string };
}

/** What one binding may get: the outcome of every rule, and all that a token is compared with. */
export interface Grant extends GrantLogin {
  readonly issuer: string;
  readonly scopes: readonly string[];
  readonly audience: string;
  readonly roles: readonly string[];
  readonly requiredClaims: Readonly<Record<string, string>>;
  readonly maxLifetime: Duration;
  readonly proofOfPossession: 'None' | 'DPoP';
  /** What the issuer puts into every token, whoever asks. */
  readonly toleratedAudiences: readonly string[];
  readonly claimPaths: ClaimPaths;
  /** Whether a token may be delivered that nobody can look into. */
  readonly verification: 'Required' | 'AllowUnverified';
}

/** Equal for equal grants: kept beside a token, it shows that the token is still the one that is wanted. */
export const grantHash = (grant: Grant): string => sha256(canonicalJson({ ...grant }));
