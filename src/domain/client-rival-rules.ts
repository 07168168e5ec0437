import { claimedClient } from './claimed-client.ts';
import { mayAdopt } from './client-ceiling-rules.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { credentialsSecretName } from './credentials-secret-name.ts';
import { type Rule, violation } from './violation.ts';

type ClientRule = Rule<ExistingClientFacts>;

/** An issuer that finds two clients for one workload refuses both, or picks one: neither may happen. */
const serviceAccountIsFree: ClientRule = ({ serviceAccountHolder, client }) =>
  serviceAccountHolder === undefined
    ? undefined
    : violation(
        'ServiceAccountTaken',
        'spec.authentication.federated.serviceAccountName',
        `OAuthClient ${serviceAccountHolder} is older and is registered for ServiceAccount ${client.spec.authentication.federated?.serviceAccountName} at the same issuer`,
      );

const secretNameIsFree: ClientRule = ({ secretHolder, client }) =>
  secretHolder === undefined
    ? undefined
    : violation(
        'SecretNameTaken',
        'spec.authentication',
        `${secretHolder} is older and writes to Secret ${credentialsSecretName(client)}`,
      );

/** Who may not adopt clients does not learn which there are. */
const clientIDIsFree: ClientRule = ({ clientIDHolder, client, tenancy }) => {
  const claimed = claimedClient(client);
  return clientIDHolder === undefined || claimed === undefined || !mayAdopt({ client, tenancy })
    ? undefined
    : violation(
        'ClientIDTaken',
        claimed.field,
        `${clientIDHolder} is older and is client ${claimed.clientID} of the same issuer`,
      );
};

/** What only one client can have; the oldest gets it. */
export const clientRivalRules: readonly ClientRule[] = [
  serviceAccountIsFree,
  clientIDIsFree,
  secretNameIsFree,
];
