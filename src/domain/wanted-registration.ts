import { accessTokenLifetime } from './access-token-lifetime.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import type { Submission } from './client-plan.ts';
import { type Credential, credentialsAtIssuer, credentialsBefore } from './credential.ts';
import {
  bareClient,
  type ChosenSecret,
  type DesiredClient,
  desiredClient,
  desiredClientHash,
  type RegisteredAuthentication,
  withdrawnClient,
} from './desired-client.ts';
import { federationMethodOf } from './federation-method.ts';
import { leftBehind, markOf } from './mark.ts';
import { markIn, type RegistrationRecord } from './registration-record.ts';
import { tenantOf } from './tenant-status.ts';

/** The registration that the spec asks for. */
export function wantedRegistration(facts: ExistingClientFacts, record: RegistrationRecord): Submission {
  const desired = desiredOf(facts, record, authenticationOf(facts, record));
  return { ...submission(desired, record), tenantID: desired.tenantID };
}

/**
 * The same client with nothing left to obtain: it keeps its id, and the issuer grants it no token. It gives up a workload that an older
 * client has a right to, which the issuer would not register for that one before.
 */
export function withdrawnRegistration(facts: ExistingClientFacts, record: RegistrationRecord): Submission {
  const authentication: RegisteredAuthentication =
    facts.serviceAccountHolder === undefined
      ? authenticationOf(facts, record)
      : { method: 'Secret', secrets: [] };
  return submission(withdrawnClient(desiredOf(facts, record, authentication)), record);
}

/**
 * Whether the issuer lacks nothing but the next step of a rotation, or may lack it: the client can obtain all that it should with the
 * credential that it has.
 */
export function isRegisteredButForRotation(facts: ExistingClientFacts, record: RegistrationRecord): boolean {
  const known = record.rotation?.registeredBefore;
  const before = desiredOf(facts, record, authenticationOf(facts, record, credentialsBefore(record)));
  return known !== undefined && known === desiredClientHash(before);
}

/** What a client is left with that is about to be deleted, or to be left behind. */
export const bareRegistration = (clusterID: string, record: RegistrationRecord): Submission =>
  submission(bareClient(markIn(clusterID, record), record.client, record.publicKey), record);

/** The same under a mark that says that it was left at its issuer. */
export function leftRegistration(clusterID: string, { desired, record }: Submission): Submission {
  const { registration, adopts } = record;
  const mark = markOf(clusterID, { ...record.client, uid: leftBehind });
  const clientID = adopts === undefined ? undefined : registration?.clientID;
  return submission({ ...desired, mark, ...(clientID === undefined ? {} : { adopts: clientID }) }, record);
}

const submission = (desired: DesiredClient, record: RegistrationRecord): Submission => ({
  desired,
  hash: desiredClientHash(desired),
  record,
});

function desiredOf(
  facts: ExistingClientFacts,
  record: RegistrationRecord,
  authentication: RegisteredAuthentication,
): DesiredClient {
  const { client, clusterID } = facts;
  const scope = tenantOf(facts);
  return desiredClient(client, {
    mark: markIn(clusterID, record),
    tenantID: scope?.spec.tenantID ?? '',
    accessTokenLifetime: accessTokenLifetime(client, scope),
    authentication,
  });
}

/** No ServiceAccount has it, so no token matches. */
const nilUID = '00000000-0000-0000-0000-000000000000';

function authenticationOf(
  facts: ExistingClientFacts,
  record: RegistrationRecord,
  credentials = credentialsAtIssuer(record),
): RegisteredAuthentication {
  const { federated, privateKey, mutualTLS, public: isPublic } = facts.client.spec.authentication;
  if (isPublic !== undefined) return { method: 'Public' };
  if (federated !== undefined) {
    return {
      method: 'Federated',
      by: facts.issuer ? federationMethodOf(facts.issuer) : 'ClientAssertion',
      workload: {
        issuer: facts.serviceAccountIssuer,
        subject: `system:serviceaccount:${facts.client.metadata.namespace}:${federated.serviceAccountName}`,
        uid: facts.serviceAccountUID ?? nilUID,
      },
    };
  }
  const publicKeys = credentials.map(({ publicKey }) => publicKey).filter((key) => key !== undefined);
  if (mutualTLS !== undefined && publicKeys.length > 0) return { method: 'MutualTLS', publicKeys };
  return privateKey !== undefined && publicKeys.length > 0
    ? { method: 'PrivateKey', publicKeys }
    : { method: 'Secret', secrets: chosenSecrets(credentials) };
}

/** None where the issuer chose the one that there is. */
const chosenSecrets = (credentials: readonly Credential[]): readonly ChosenSecret[] =>
  credentials.every(({ chosenSecret }) => chosenSecret === undefined)
    ? []
    : credentials.flatMap(({ clientSecret, chosenSecret = 0 }) =>
        clientSecret === undefined ? [] : [{ revision: chosenSecret, value: clientSecret }],
      );
