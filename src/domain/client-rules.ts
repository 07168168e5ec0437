import { clientCeilingRules, issuerAllowed } from './client-ceiling-rules.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { issuerViolations } from './client-issuer-rules.ts';
import { clientRivalRules } from './client-rival-rules.ts';
import { serviceAccountAllowed } from './service-account-rule.ts';
import { tenancyRefusal, tenancyViolation } from './tenancy.ts';
import { type Rule, type Violation, violation, violationsOf } from './violation.ts';
import { withinQuota } from './within-quota.ts';

type ClientRule = Rule<ExistingClientFacts>;

/** What a tenant may have too many of is bounded; the oldest stay. */
const withinTheQuota: ClientRule = ({ tenancy, beyondQuota }) => withinQuota(tenancy, 'clients', beyondQuota);

/** No TenantScope, no client; a suspended one has none either. */
const namespaceHasATenant: ClientRule = ({ tenancy, client }) =>
  tenancyViolation(tenancy, client.metadata.namespace ?? '');

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

/** The policy for clients, but for what rests on the issuer. */
const clientRules: readonly ClientRule[] = [
  namespaceHasATenant,
  withinTheQuota,
  ...clientCeilingRules,
  serviceAccountExists,
  serviceAccountWithinTenant,
  ...clientRivalRules,
];

/** All that can be asked while something that the others rest on cannot be read. */
const certainRules: readonly ClientRule[] = [
  ({ tenancy, client }) => tenancyRefusal(tenancy, client.metadata.namespace ?? ''),
  // That an issuer is there and cannot be read is nothing for a tenant that may not know of it.
  issuerAllowed,
];

/** Everything that policy holds against a client; none means that it is allowed, or that it is not known to be forbidden. */
export const clientViolations = (facts: ExistingClientFacts): readonly Violation[] =>
  facts.unreadable === undefined
    ? [...violationsOf(clientRules, facts), ...issuerViolations(facts)]
    : violationsOf(certainRules, facts);
