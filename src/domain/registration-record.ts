import type { Instant } from '../std/instant.ts';
import type { Secret } from '../std/secret.ts';
import type { Credentials } from './credential.ts';

import type { AuthenticationMethod } from './grant.ts';
import { markOf } from './mark.ts';

/** What it takes to change a registration (RFC 7592 section 3). Never leaves Grantor's own namespace. */
export interface Registration {
  readonly clientID: string;
  readonly registrationClientURI?: string;
  readonly registrationAccessToken?: Secret;
}

/**
 * How far we have come with the issuer. Each is written before the issuer is asked, so that a lost answer leaves the question behind.
 *
 * - `Prepared`: nothing was ever sent.
 * - `Attempting`: a registration was sent, and what came of it is not known.
 * - `Registered`: the issuer holds a client, and we its credentials.
 * - `Deregistering`: the deletion was sent, and what came of it is not known. Only used where our mark could not settle it.
 */
export const registrationPhases = ['Prepared', 'Attempting', 'Registered', 'Deregistering'] as const;
export type RegistrationPhase = (typeof registrationPhases)[number];

/**
 * Our durable record of one client at one issuer: a Secret in Grantor's own namespace, written before the issuer is asked and after
 * it answered. It is the one source of the client's credentials; what a tenant finds in its namespace is a copy.
 */
export interface RegistrationRecord extends Credentials {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly name: string;
  /** The OAuthClient that it is for. */
  readonly client: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** The UID in the mark that the client bears at its issuer, where that is the one of a predecessor of the OAuthClient. */
  readonly markedUID?: string;
  /** Name of the OAuthIssuer. */
  readonly issuer: string;
  /** `spec.issuer` of that OAuthIssuer when the record was made: one that was replaced since is another issuer. */
  readonly issuerIdentifier: string;
  /** The id of a client that is to be taken over, and was if there is a registration. */
  readonly adopts?: string;
  readonly phase: RegistrationPhase;
  readonly registration?: Registration;
  /** `desiredClientHash` of what the issuer holds; none while that is not known, as after an update whose answer was lost. */
  readonly registeredHash?: string;
  /** The tenant whose rights the issuer was told of last, whether or not they have been taken back since. */
  readonly tenantID?: string;
  /** All tokens were revoked since the issuer holds what it holds: there is none left of what the client could obtain before. */
  readonly tokensRevoked?: true;
  /** When that was done last, for whatever it held then. */
  readonly tokensRevokedAt?: Instant;
  /** Counts up with each new credential, so that the copy can be compared without looking at either. */
  readonly credentialRevision: number;
  /** Since when the credential is the current one; not known of what was made by earlier versions. */
  readonly credentialSince?: Instant;
  /** The digest of the last request for a rotation that was answered, or that came before there was a credential. */
  readonly rotationAnswered?: string;
}

/**
 * The record of a client that may have been taken over, the answer being lost, as one of the client of that id: whether it was, our mark on
 * it says. What is not ours nobody touches then.
 */
export const asIfAdopted = (record: RegistrationRecord): RegistrationRecord =>
  record.adopts === undefined || record.registration !== undefined || record.phase !== 'Attempting'
    ? record
    : { ...record, registration: { clientID: record.adopts } };

/** The mark that the client of a record bears at its issuer. */
export const markIn = (
  clusterID: string,
  { client, markedUID }: Pick<RegistrationRecord, 'client' | 'markedUID'>,
): string => markOf(clusterID, { ...client, uid: markedUID ?? client.uid });

/** What a copy of the credentials was made from: another key, another secret and another way to log in are another revision. */
export const credentialsRevision = (
  { credentialRevision }: Pick<RegistrationRecord, 'credentialRevision'>,
  method: AuthenticationMethod,
): string => `${credentialRevision}/${method}`;

/** What is known of a client's credentials Secret in the tenant's namespace. */
export interface CredentialsSecret {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** `credentialsRevision` of what it was copied from. */
  readonly revision?: string;
  /** When the API server took it as it is, by the clock there. */
  readonly writtenAt?: Instant;
  /** Somebody else has changed its data. */
  readonly tampered?: true;
}
