import { asGranted, tenancyViolations } from './as-granted.ts';
import { clientCeilingRules, issuerAllowed } from './client-ceiling-rules.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { issuerViolations } from './client-issuer-rules.ts';
import { clientRivalRules } from './client-rival-rules.ts';
import { credentialsSecretName } from './credentials-secret-name.ts';
import { undelivered } from './secret-reach.ts';
import { serviceAccountAllowed } from './service-account-rule.ts';
import { type Rule, type Violation, violation, violationsOf } from './violation.ts';
import { withinQuota } from './within-quota.ts';

type ClientRule = Rule<ExistingClientFacts>;

/** What a tenant may have too many of is bounded; the oldest stay. */
const withinTheQuota: ClientRule = ({ tenancy, beyondQuota }) => withinQuota(tenancy, 'clients', beyondQuota);

const serviceAccountExists: ClientRule = ({ serviceAccountUID, client }) => {
  const name = client.spec.authentication.federated?.serviceAccountName;
  if (name === undefined || serviceAccountUID !== undefined) return undefined;
  return violation(
    'ServiceAccountNotFound',
    'spec.authentication.federated.serviceAccountName',
    `there is no ServiceAccount ${name}`,
  );
};

const serviceAccountWithinTenant: ClientRule = ({ tenancy, client, serviceAccountLabels }) => {
  const name = client.spec.authentication.federated?.serviceAccountName;
  if (name === undefined) return undefined;
  const field = 'spec.authentication.federated.serviceAccountName';
  return serviceAccountAllowed(tenancy, { field, name, labels: serviceAccountLabels });
};

/** Where Grantor has no right on Secrets, nobody could be handed a credential. */
const credentialsWithinReach: ClientRule = (facts) =>
  credentialsSecretName(facts.client) === undefined
    ? undefined
    : undelivered(facts, {
        field: 'spec.authentication',
        namespace: facts.client.metadata.namespace,
        instead: 'have the client log in with its ServiceAccount (spec.authentication.federated)',
      });

/** The policy for clients that have a tenant, but for what rests on the issuer. */
const clientRules: readonly ClientRule[] = [
  withinTheQuota,
  ...clientCeilingRules,
  serviceAccountExists,
  serviceAccountWithinTenant,
  ...clientRivalRules,
  credentialsWithinReach,
];

/** All that can be asked while something that the others rest on cannot be read. */
const certainRules: readonly ClientRule[] = [
  // That an issuer is there and cannot be read is nothing for a tenant that may not know of it.
  issuerAllowed,
];

/** Everything that policy holds against a client; none means that it is allowed, or that it is not known to be forbidden. */
export function clientViolations(facts: ExistingClientFacts): readonly Violation[] {
  const granted = asGranted(facts);
  return [
    ...tenancyViolations(facts, facts.client.metadata.namespace),
    ...(facts.unreadable === undefined
      ? [...violationsOf(clientRules, granted), ...issuerViolations(granted)]
      : violationsOf(certainRules, granted)),
  ];
}
