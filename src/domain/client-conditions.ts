import { releaseAnnotation } from '../api/metadata.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { Reason } from '../api/reasons.ts';
import type { ClientFacts, ExistingClientFacts } from './client-facts.ts';
import { isFalse, isTrue, isUnknown, type PlannedCondition, withReady } from './condition.ts';
import { credentialsSecretName } from './credentials-secret-name.ts';
import { isOf, issuerHas } from './issuer-usable.ts';
import type { RegistrationRecord } from './registration-record.ts';
import { isOutOfReach, whyOutOfReach } from './secret-reach.ts';

/** A client that logs in with its ServiceAccount has no credential that could be missing. */
export const noCredentials = isTrue('CredentialsReady', 'NoCredentials');

export const credentialsWritten = (name: string): PlannedCondition =>
  isTrue('CredentialsReady', 'CredentialsWritten', `in Secret ${name}`);

/** The issuer knows the client by this id. */
export const registeredAs = (clientID: string): PlannedCondition =>
  isTrue('Registered', 'Registered', `as ${clientID}`);

const noRegistration = 'there is no registration yet';

/** Nobody can tell whether somebody changed the client at its issuer. */
export const incomparable = isUnknown(
  'InSync',
  'CompareUnsupported',
  'the issuer cannot be asked what it holds of this client',
);

/** Conditions of a client that is allowed. */
export function allowedConditions(
  registered: PlannedCondition,
  credentials: PlannedCondition = isUnknown('CredentialsReady', 'Pending', noRegistration),
  inSync: PlannedCondition = isUnknown('InSync', 'Pending', noRegistration),
): readonly PlannedCondition[] {
  return withReady([isTrue('Allowed', 'Allowed'), registered, credentials, inSync], registered.message);
}

/** What there is of the tenant's copy of the credentials while nothing is done about it. */
export function standingCredentials(
  { client, credentials }: ExistingClientFacts,
  why: string,
): PlannedCondition {
  const name = credentialsSecretName(client);
  if (name === undefined) return noCredentials;
  return credentials.some((secret) => secret.name === name)
    ? credentialsWritten(name)
    : isUnknown('CredentialsReady', 'Pending', why);
}

/** What the issuer is known to hold while it is not asked. */
function standingRegistration({ client, record }: ExistingClientFacts): PlannedCondition {
  const clientID = client.spec.clientID ?? record?.registration?.clientID;
  return clientID === undefined
    ? isUnknown('Registered', 'Pending', 'it is not known what the issuer holds')
    : registeredAs(clientID);
}

/** Conditions of a client that is allowed, and whose credentials may lie in a Secret that cannot be read. */
export const unreadConditions = (facts: ExistingClientFacts): readonly PlannedCondition[] =>
  withReady(
    [
      isTrue('Allowed', 'Allowed'),
      standingRegistration(facts),
      isFalse(
        'CredentialsReady',
        'SecretDeliveryNotInstalled',
        whyOutOfReach(facts, facts.client.metadata.namespace),
      ),
    ],
    '',
  );

/** What a refused client may still have in a Secret that nobody can look at. What never had anything has nothing there. */
export function credentialsPerhapsLeft(facts: ExistingClientFacts): PlannedCondition | undefined {
  const { metadata, status } = facts.client;
  const name = credentialsSecretName(facts.client);
  const hadSomething = status?.tenant !== undefined || status?.withdrawal !== undefined;
  if (name === undefined || !hadSomething || !isOutOfReach(facts)) return undefined;
  const why = whyOutOfReach(facts, metadata.namespace);
  return isUnknown(
    'CredentialsReady',
    'SecretDeliveryNotInstalled',
    `${why}, so credentials may be left in Secret ${name}; they open nothing at the issuer once the registration has no rights, and whoever may delete that Secret should`,
  );
}

/** Conditions of a client that is allowed no more, while that may be an accident: it keeps what it has. */
export function withdrawingConditions(
  facts: ExistingClientFacts,
  reason: Reason,
  why: string,
): readonly PlannedCondition[] {
  return withReady(
    [
      isFalse('Allowed', reason, why),
      standingRegistration(facts),
      standingCredentials(facts, 'nothing is written for what is not allowed'),
    ],
    '',
  );
}

/** The issuer was asked, the answer is not known, and asking again could make a second client. */
export const registrationUncertain = (record: RegistrationRecord): PlannedCondition =>
  isFalse(
    'Registered',
    'RegistrationUncertain',
    `the issuer may hold a client of ours that we do not know of; delete it there, then delete Secret ${record.name} in Grantor's namespace`,
  );

/** The issuer lets us change or delete this client no more, if it ever did. */
export function managementObstacle(
  { registration }: RegistrationRecord,
  issuer: OAuthIssuer,
): PlannedCondition | undefined {
  if (registration === undefined) return undefined;
  const { metadata, spec } = issuer;
  const { registrationClientURI, registrationAccessToken } = registration;
  const isManaged =
    issuerHas(issuer, 'ManageByMark') ||
    (registrationClientURI !== undefined && registrationAccessToken !== undefined);
  if (isManaged && spec.driver.static === undefined) return undefined;
  const why = isManaged
    ? `OAuthIssuer ${metadata.name} has the static driver now`
    : 'the issuer gave no means to manage it (RFC 7592)';
  return isFalse(
    'Registered',
    'ManagementUnsupported',
    `client ${registration.clientID} cannot be changed or deleted from here: ${why}; delete it at the issuer by hand, then the OAuthClient, annotated with ${releaseAnnotation}=true`,
  );
}

/**
 * An issuer that holds nobody to a ceiling goes on giving its defaults to a client that is registered for nothing; and what somebody else
 * registered cannot be changed from here at all.
 */
export const disableUnsupported = (clientID: string, issuer: OAuthIssuer): PlannedCondition | undefined =>
  issuerHas(issuer, 'EnforceCeiling')
    ? undefined
    : isFalse(
        'Registered',
        'DisableUnsupported',
        `client ${clientID} may go on obtaining tokens at OAuthIssuer ${issuer.metadata.name}, which cannot disable a client for us; disable it there by hand. It is not deleted for this`,
      );

/** A client cannot be deleted on the account of a record that cannot be read. */
export const recordUnreadable = (problem: string): PlannedCondition =>
  isFalse(
    'Registered',
    'Malformed',
    `${problem} in Grantor's namespace, so the client cannot be deleted at the issuer; mend the Secret, or annotate the OAuthClient with ${releaseAnnotation}=true to leave the client behind`,
  );

/** What the issuer can find is known when it was discovered. */
export const issuerUndiscovered = ({ issuer }: RegistrationRecord): PlannedCondition =>
  isFalse(
    'Registered',
    'IssuerNotReady',
    `OAuthIssuer ${issuer} is not ready and may hold the client, which must be looked for there first`,
  );

/** There is nobody left to tell. */
export const issuerGone = ({ issuer, issuerIdentifier }: RegistrationRecord): PlannedCondition =>
  isFalse(
    'Registered',
    'IssuerNotFound',
    `OAuthIssuer ${issuer} (${issuerIdentifier}) is gone, so the client cannot be deleted there; bring it back, or annotate the OAuthClient with ${releaseAnnotation}=true to leave the client behind`,
  );

/** What keeps us from going on from the record that we have, if anything does. */
export function recordObstacle(
  { record, unreadableRecord }: ClientFacts,
  issuer: OAuthIssuer,
): PlannedCondition | undefined {
  if (unreadableRecord !== undefined) {
    return isFalse(
      'Registered',
      'Malformed',
      `${unreadableRecord.problem} in Grantor's namespace; mend that Secret`,
    );
  }
  if (record === undefined || isOf(record, issuer)) return undefined;
  return isFalse(
    'Registered',
    'IssuerReplaced',
    `the client is registered at ${record.issuerIdentifier}, and OAuthIssuer ${issuer.metadata.name} is ${issuer.spec.issuer} now; create the OAuthClient anew to register it there`,
  );
}
