import { asGranted, tenancyViolations } from './as-granted.ts';
import { authenticationMethod } from './authentication-method.ts';
import { bindingCeilingRules } from './binding-ceiling-rules.ts';
import type { ExistingBindingFacts } from './binding-facts.ts';
import { longestLife } from './binding-grant.ts';
import { ceilingViolations, mayKnowIssuer } from './client-ceiling-rules.ts';
import { isGoing } from './issuer-usable.ts';
import { undelivered } from './secret-reach.ts';
import { serviceAccountAllowed } from './service-account-rule.ts';
import { joinViolations, type Rule, type Violation, violation, violationsOf } from './violation.ts';
import { shortestProofLife, unmetByVolume } from './volume-needs.ts';
import { mayBeAccident } from './withdrawal.ts';
import { withinQuota } from './within-quota.ts';

type BindingRule = Rule<ExistingBindingFacts>;

/** What a tenant may have too many of is bounded; the oldest stay. */
const withinTheQuota: BindingRule = ({ tenancy, beyondQuota }) =>
  withinQuota(tenancy, 'bindings', beyondQuota);

/** Tokens are for the identity of a ServiceAccount that exists now. */
const serviceAccountExists: BindingRule = ({ serviceAccountUID, binding }) =>
  serviceAccountUID === undefined
    ? violation(
        'ServiceAccountNotFound',
        'spec.serviceAccountName',
        `there is no ServiceAccount ${binding.spec.serviceAccountName}`,
      )
    : undefined;

const serviceAccountWithinTenant: BindingRule = ({ tenancy, binding, serviceAccountLabels }) =>
  serviceAccountAllowed(tenancy, {
    field: 'spec.serviceAccountName',
    name: binding.spec.serviceAccountName,
    labels: serviceAccountLabels,
  });

const clientExists: BindingRule = ({ client, binding }) =>
  client === undefined
    ? violation('ClientNotFound', 'spec.clientRef', `there is no OAuthClient ${binding.spec.clientRef.name}`)
    : undefined;

const issuerExists: BindingRule = ({ client, issuer, tenancy }) =>
  client !== undefined && issuer === undefined && mayKnowIssuer({ client, tenancy })
    ? violation(
        'IssuerNotFound',
        'spec.clientRef',
        `there is no OAuthIssuer ${client.spec.issuerRef.name}, at which OAuthClient ${client.metadata.name} would be`,
      )
    : undefined;

const issuerStays: BindingRule = ({ client, issuer, tenancy }) =>
  client !== undefined && issuer !== undefined && isGoing(issuer) && mayKnowIssuer({ client, tenancy })
    ? violation(
        'IssuerGoing',
        'spec.clientRef',
        `OAuthIssuer ${issuer.metadata.name}, at which OAuthClient ${client.metadata.name} is, is being deleted`,
      )
    : undefined;

/** A federated client is one workload: its tokens are not for others. */
const federatedClientIsItsOwn: BindingRule = ({ client, binding }) => {
  const own = client?.spec.authentication.federated?.serviceAccountName;
  return own === undefined || own === binding.spec.serviceAccountName
    ? undefined
    : violation(
        'ServiceAccountMismatch',
        'spec.serviceAccountName',
        `OAuthClient ${client?.metadata.name} is federated for ServiceAccount ${own}, not for ${binding.spec.serviceAccountName}`,
      );
};

/** Two bindings in one Secret would overwrite each other for ever; the older one keeps it. */
const secretNameIsFree: BindingRule = ({ secretHolder, binding }) =>
  secretHolder === undefined
    ? undefined
    : violation(
        'SecretNameTaken',
        'spec.delivery.secretRef',
        `${secretHolder} is older and writes to Secret ${binding.spec.delivery?.secretRef.name}`,
      );

/** Where Grantor has no right on Secrets, tokens are for volumes. */
const secretWithinReach: BindingRule = (facts) =>
  facts.binding.spec.delivery &&
  undelivered(facts, {
    field: 'spec.delivery',
    namespace: facts.binding.metadata.namespace,
    instead: 'leave spec.delivery out and mount the token as a volume',
  });

/** A token for volumes alone has to be one that nodes can obtain and renew. */
const volumeSuffices: BindingRule = ({ binding, client, issuer, tenancy }) => {
  if (binding.spec.delivery !== undefined || client === undefined || tenancy.kind !== 'tenant')
    return undefined;
  const known = mayKnowIssuer({ client, tenancy }) ? issuer : undefined;
  const unmet = unmetByVolume({
    client: client.metadata.name,
    method: authenticationMethod(client.spec.authentication),
    assertionReuse: known?.spec.federation.assertionReuse ?? 'Reusable',
    life: longestLife(client, tenancy.scope),
    rotation: binding.spec.rotation,
    proofLife: shortestProofLife,
  });
  return unmet && violation(unmet.reason, 'spec.delivery', unmet.message);
};

/** The ceiling of the client, looked at afresh: the verdict in its status may be older than the TenantScope. */
const clientIsWithinTenant: BindingRule = ({ client, tenancy }) => {
  if (client === undefined) return undefined;
  const why = joinViolations(ceilingViolations({ client, tenancy }));
  return why === '' ? undefined : refusedWith(client.metadata.name, why);
};

/**
 * What is refused to the client is refused to its bindings. What it is refused by accident they are refused for themselves, by the same
 * rules, as far as that is still so.
 */
const clientIsAllowed: BindingRule = (facts) => {
  const { client } = facts;
  const { conditions = [], violations = [] } = client?.status ?? {};
  const refusal = conditions.find(({ type, status }) => type === 'Allowed' && status === 'False');
  const ownFault = violations.length === 0 || !mayBeAccident(violations);
  return client !== undefined && refusal !== undefined && ownFault
    ? refusedWith(client.metadata.name, refusal.message)
    : clientIsWithinTenant(facts);
};

const refusedWith = (client: string, why: string): Violation =>
  violation('ClientNotAllowed', 'spec.clientRef', `OAuthClient ${client} is refused: ${why}`);

/** The policy for bindings that have a tenant. */
const bindingRules: readonly BindingRule[] = [
  withinTheQuota,
  serviceAccountExists,
  serviceAccountWithinTenant,
  clientExists,
  issuerExists,
  issuerStays,
  federatedClientIsItsOwn,
  ...bindingCeilingRules,
  secretNameIsFree,
  secretWithinReach,
  volumeSuffices,
  clientIsAllowed,
];

/** That an issuer is there and cannot be read is nothing for a tenant that may not know of it. */
const issuerMayBeKnown: BindingRule = (facts) => {
  const { client, tenancy } = facts;
  if (client === undefined || tenancy.kind !== 'tenant' || mayKnowIssuer({ client, tenancy }))
    return undefined;
  return clientIsWithinTenant(facts);
};

/** All that can be asked while something that the others rest on cannot be read. */
const certainRules: readonly BindingRule[] = [issuerMayBeKnown];

/** Everything that policy holds against a binding; none means that it is allowed, or that it is not known to be forbidden. */
export const bindingViolations = (facts: ExistingBindingFacts): readonly Violation[] => [
  ...tenancyViolations(facts, facts.binding.metadata.namespace),
  ...violationsOf(facts.unreadable === undefined ? bindingRules : certainRules, asGranted(facts)),
];
