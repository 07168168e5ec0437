import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { ClientFacts } from './client-facts.ts';
import { isFalse, isTrue, isUnknown, type PlannedCondition, withReady } from './condition.ts';
import { isOf } from './issuer-usable.ts';
import type { RegistrationRecord } from './registration-record.ts';

/** A client that logs in with its ServiceAccount has no credential that could be missing. */
export const noCredentials = isTrue('CredentialsReady', 'NoCredentials');

/** Conditions of a client that is allowed. */
export function allowedConditions(
  registered: PlannedCondition,
  credentials?: PlannedCondition,
): readonly PlannedCondition[] {
  const ready = credentials ?? isUnknown('CredentialsReady', 'Pending', 'there is no registration yet');
  return withReady([isTrue('Allowed', 'Allowed'), registered, ready], registered.message);
}

/** The issuer was asked, the answer is not known, and asking again could make a second client. */
export const registrationUncertain = (record: RegistrationRecord): PlannedCondition =>
  isFalse(
    'Registered',
    'RegistrationUncertain',
    `the issuer may hold a client of ours that we do not know of; delete it there, then delete Secret ${record.name} in Grantor's namespace`,
  );

/** What keeps us from going on from the record that we have, if anything does. */
export function recordObstacle(
  { record, unreadableRecord }: ClientFacts,
  issuer: OAuthIssuer,
): PlannedCondition | undefined {
  if (unreadableRecord !== undefined) {
    return isFalse('Registered', 'Malformed', `${unreadableRecord} in Grantor's namespace; mend that Secret`);
  }
  if (record === undefined || isOf(record, issuer)) return undefined;
  return isFalse(
    'Registered',
    'IssuerReplaced',
    `the client is registered at ${record.issuerIdentifier}, and OAuthIssuer ${issuer.metadata.name} is ${issuer.spec.issuer} now; create the OAuthClient anew to register it there`,
  );
}
