import { type Duration, seconds } from '../std/duration.ts';
import type { RetryClass } from './attempt.ts';

/** What is known of a ServiceAccount token that an issuer did not take. */
export interface RefusedProof {
  /** Whether it had been shown before. */
  readonly wasShown: boolean;
  /** How long the cluster has been signing by its key; undefined for the one that was in use when we came. */
  readonly keyAge: Duration | undefined;
}

/** Whether another token may do at once what this one could not: some issuers take each only once, whatever their OAuthIssuer says. */
export const isWorthAnother = ({ wasShown }: RefusedProof, oauthError: string | undefined): boolean =>
  wasShown || oauthError === 'jti_known';

/** An issuer that fetches the keys of the cluster does not do so for each unknown one: Keycloak waits ten seconds, others thirty. */
const refetchWindow = seconds(60);

/** How soon to ask again: of a key that has only just begun to sign, the issuer is about to know. */
export const retryAfterRefusal = ({ keyAge }: RefusedProof, retry: RetryClass): RetryClass =>
  keyAge !== undefined && keyAge < refetchWindow ? 'soon' : retry;
