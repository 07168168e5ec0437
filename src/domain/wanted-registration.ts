import type { ExistingClientFacts } from './client-facts.ts';
import type { Submission } from './client-plan.ts';
import {
  type DesiredClient,
  desiredClient,
  desiredClientHash,
  type RegisteredAuthentication,
  withdrawnClient,
} from './desired-client.ts';
import type { RegistrationRecord } from './registration-record.ts';

/** The registration that the spec asks for. */
export const wantedRegistration = (facts: ExistingClientFacts, record: RegistrationRecord): Submission =>
  submission(desiredOf(facts, authenticationOf(facts, record)), record);

/** The same client with nothing left to obtain: it keeps its id, and the issuer grants it no token. */
export const withdrawnRegistration = (facts: ExistingClientFacts, record: RegistrationRecord): Submission =>
  submission(withdrawnClient(desiredOf(facts, authenticationOf(facts, record))), record);

/** What our mark is found by when the client is about to be deleted: no rights, and no workload that another client may have by now. */
export const reclaimedRegistration = (facts: ExistingClientFacts, record: RegistrationRecord): Submission =>
  submission(withdrawnClient(desiredOf(facts, { method: 'Secret' })), record);

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
      workload: {
        issuer: facts.serviceAccountIssuer,
        subject: `system:serviceaccount:${facts.client.metadata.namespace}:${federated.serviceAccountName}`,
        uid: facts.serviceAccountUID ?? nilUID,
      },
    };
  }
  return privateKey !== undefined && record.publicKey !== undefined
    ? { method: 'PrivateKey', publicKey: record.publicKey }
    : { method: 'Secret' };
}
