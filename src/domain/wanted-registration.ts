import type { ExistingClientFacts } from './client-facts.ts';
import type { Submission } from './client-plan.ts';
import {
  bareClient,
  type DesiredClient,
  desiredClient,
  desiredClientHash,
  type RegisteredAuthentication,
  withdrawnClient,
} from './desired-client.ts';
import { federationMethodOf } from './federation-method.ts';
import type { RegistrationRecord } from './registration-record.ts';

/** The registration that the spec asks for. */
export function wantedRegistration(facts: ExistingClientFacts, record: RegistrationRecord): Submission {
  const desired = desiredOf(facts, authenticationOf(facts, record));
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
  return submission(withdrawnClient(desiredOf(facts, authentication)), record);
}

/** What a client is left with that is about to be deleted, or to be left behind. */
export const bareRegistration = (clusterID: string, record: RegistrationRecord): Submission =>
  submission(bareClient(clusterID, record.client, record.publicKey), record);

const submission = (desired: DesiredClient, record: RegistrationRecord): Submission => ({
  desired,
  hash: desiredClientHash(desired),
  record,
});

const desiredOf = (
  { client, clusterID, tenancy }: ExistingClientFacts,
  authentication: RegisteredAuthentication,
): DesiredClient =>
  desiredClient(client, {
    clusterID,
    tenantID: tenancy.kind === 'tenant' ? tenancy.scope.spec.tenantID : '',
    authentication,
  });

/** No ServiceAccount has it, so no token matches. */
const nilUID = '00000000-0000-0000-0000-000000000000';

function authenticationOf(facts: ExistingClientFacts, record: RegistrationRecord): RegisteredAuthentication {
  const { federated, privateKey } = facts.client.spec.authentication;
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
  return privateKey !== undefined && record.publicKey !== undefined
    ? { method: 'PrivateKey', publicKeys: [record.publicKey] }
    : { method: 'Secret', secrets: [] };
}
