import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { Capability } from './capability.ts';
import type { RegistrationRecord } from './registration-record.ts';

/**
 * Whether an issuer was discovered in its present form. Not the same as Ready: an issuer that is away for a while stays usable,
 * so that the governor and the back-off of each object decide when to ask it again.
 */
export const isUsable = ({ metadata, status }: OAuthIssuer): boolean =>
  status?.observedGeneration === metadata.generation && (status.capabilities ?? []).length > 0;

/** Whether an issuer is to be deleted. It stays until nothing at it is left to be withdrawn; nothing new comes to be there. */
export const isGoing = ({ metadata }: OAuthIssuer): boolean => metadata.deletionTimestamp !== undefined;

/** Whether discovery found that the issuer can do this. */
export const issuerHas = ({ status }: OAuthIssuer, capability: Capability): boolean =>
  (status?.capabilities ?? []).includes(capability);

/** Whether a record is of this issuer, and not of one that had its name before. */
export const isOf = ({ issuerIdentifier }: RegistrationRecord, { spec }: OAuthIssuer): boolean =>
  issuerIdentifier === spec.issuer;
