import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { formatDuration } from '../std/duration.ts';
import { authenticationMethod } from './authentication-method.ts';
import type { Capability } from './capability.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { isUsable } from './issuer-usable.ts';
import { outside, scopesOutside } from './scope-pattern.ts';
import { tenancyRefusal, tenancyViolation } from './tenancy.ts';
import { aboveCeiling, type Violation } from './violation.ts';

type ClientRule = (facts: ExistingClientFacts) => Violation | undefined;

/** A rule that compares a client with its tenant's ceiling and needs to know nothing else. */
type CeilingFacts = Pick<ExistingClientFacts, 'client' | 'tenancy'>;
type CeilingRule = (facts: CeilingFacts) => Violation | undefined;

/** A rule that compares a list with one of the tenant's lists. */
const withinTenant =
  (
    reason: Violation['reason'],
    field: string,
    asked: (facts: CeilingFacts) => readonly string[],
    allowed: (scope: TenantScope) => readonly string[],
    difference: (allowed: readonly string[], asked: readonly string[]) => string[] = outside,
  ): CeilingRule =>
  (facts) => {
    if (facts.tenancy.kind !== 'tenant') return undefined;
    const { scope } = facts.tenancy;
    const values = difference(allowed(scope), asked(facts));
    if (values.length === 0) return undefined;
    return aboveCeiling({
      reason,
      by: `TenantScope ${scope.metadata.name}`,
      field,
      values,
      allowed: allowed(scope),
    });
  };

/** No TenantScope, no client; a suspended one has none either. */
const namespaceHasATenant: ClientRule = ({ tenancy, client }) =>
  tenancyViolation(tenancy, client.metadata.namespace ?? '');

const issuerExists: ClientRule = ({ issuer, client }) =>
  issuer === undefined
    ? {
        reason: 'IssuerNotFound',
        message: `spec.issuerRef: there is no OAuthIssuer ${client.spec.issuerRef.name}`,
      }
    : undefined;

const issuerAllowed = withinTenant(
  'IssuerNotAllowed',
  'spec.issuerRef.name',
  ({ client }) => [client.spec.issuerRef.name],
  (scope) => scope.spec.issuerRefs.map(({ name }) => name),
);

const grantTypesAllowed = withinTenant(
  'GrantTypeNotAllowed',
  'spec.grantTypes',
  ({ client }) => client.spec.grantTypes,
  (scope) => scope.spec.clients.grantTypes,
);

const authenticationAllowed = withinTenant(
  'AuthenticationNotAllowed',
  'spec.authentication',
  ({ client }) => [authenticationMethod(client.spec.authentication)],
  (scope) => scope.spec.clients.authentication,
);

const scopesAllowed = withinTenant(
  'ScopeNotAllowed',
  'spec.scopes',
  ({ client }) => client.spec.scopes,
  (scope) => scope.spec.tokens.scopes,
  scopesOutside,
);

const audiencesAllowed = withinTenant(
  'AudienceNotAllowed',
  'spec.audiences',
  ({ client }) => client.spec.audiences,
  (scope) => scope.spec.tokens.audiences,
);

const rolesAllowed = withinTenant(
  'RoleNotAllowed',
  'spec.roles',
  ({ client }) => client.spec.roles,
  (scope) => scope.spec.tokens.roles,
);

const lifetimeAllowed: CeilingRule = ({ tenancy, client }) => {
  if (tenancy.kind !== 'tenant') return undefined;
  const { maxLifetime } = tenancy.scope.spec.tokens;
  if (client.spec.accessTokenLifetime <= maxLifetime) return undefined;
  return aboveCeiling({
    reason: 'LifetimeNotAllowed',
    by: `TenantScope ${tenancy.scope.metadata.name}`,
    field: 'spec.accessTokenLifetime',
    values: [formatDuration(client.spec.accessTokenLifetime)],
    allowed: [`at most ${formatDuration(maxLifetime)}`],
  });
};

const serviceAccountExists: ClientRule = ({ serviceAccountUID, client }) => {
  const name = client.spec.authentication.federated?.serviceAccountName;
  if (name === undefined || serviceAccountUID !== undefined) return undefined;
  return {
    reason: 'ServiceAccountNotFound',
    message: `spec.authentication.federated.serviceAccountName: there is no ServiceAccount ${name}`,
  };
};

/** An issuer that finds two clients for one workload refuses both, or picks one: neither may happen. */
const serviceAccountIsFree: ClientRule = ({ serviceAccountHolder, client }) =>
  serviceAccountHolder === undefined
    ? undefined
    : {
        reason: 'ServiceAccountTaken',
        message: `spec.authentication.federated.serviceAccountName: OAuthClient ${serviceAccountHolder} is older and is registered for ServiceAccount ${client.spec.authentication.federated?.serviceAccountName} at the same issuer`,
      };

const secretNameIsFree: ClientRule = ({ secretHolder, client }) =>
  secretHolder === undefined
    ? undefined
    : {
        reason: 'SecretNameTaken',
        message: `spec.authentication: ${secretHolder} is older and writes to Secret ${credentialsSecretName(client)}`,
      };

const federationEnabled: ClientRule = ({ issuer, client }) =>
  issuer?.spec.federation.method === 'None' && client.spec.authentication.federated !== undefined
    ? {
        reason: 'FederationDisabled',
        message: `spec.authentication: OAuthIssuer ${issuer.metadata.name} has spec.federation.method None`,
      }
    : undefined;

const clientIDFitsTheDriver: ClientRule = ({ issuer, client }) => {
  if (issuer === undefined) return undefined;
  const { clientID } = client.spec;
  if (issuer.spec.driver.static !== undefined && clientID === undefined) {
    return {
      reason: 'ClientIDRequired',
      message: `spec.clientID: OAuthIssuer ${issuer.metadata.name} registers no clients; name the client that was registered there by other means`,
    };
  }
  if (issuer.spec.driver.static === undefined && clientID !== undefined) {
    return {
      reason: 'ClientIDForbidden',
      message: `spec.clientID: OAuthIssuer ${issuer.metadata.name} assigns client ids itself; remove the field`,
    };
  }
  return undefined;
};

/** A rule about what the issuer can do; asked once that is known. */
const issuerCan =
  (
    rule: (
      can: (capability: Capability) => boolean,
      facts: ExistingClientFacts,
      issuer: OAuthIssuer,
    ) => Violation | undefined,
  ): ClientRule =>
  (facts) => {
    const { issuer } = facts;
    if (issuer === undefined || !isUsable(issuer)) return undefined;
    const known: readonly string[] = issuer.status?.capabilities ?? [];
    return rule((capability) => known.includes(capability), facts, issuer);
  };

const registrationSupported = issuerCan((can, _, { metadata, spec }) =>
  can('Register') || spec.driver.static !== undefined
    ? undefined
    : {
        reason: 'RegistrationUnsupported',
        message: `OAuthIssuer ${metadata.name} has no registration endpoint`,
      },
);

/** The registration is the boundary: a pod can present its own ServiceAccount token to the issuer without us. */
const ceilingIsEnforced = issuerCan((can, _, { metadata, spec }) =>
  can('EnforceCeiling') || spec.unenforcedCeiling === 'Accept'
    ? undefined
    : {
        reason: 'CeilingNotEnforceable',
        message: `OAuthIssuer ${metadata.name} cannot hold a registration to the tenant's audiences, roles and lifetime, and its spec.unenforcedCeiling is Refuse`,
      },
);

/** For the clients of a static issuer we keep no credentials: the workload's own identity is the only one. */
const authenticationSupported = issuerCan((can, { client }, { metadata, spec }) => {
  const method = authenticationMethod(client.spec.authentication);
  return can(`${method}Authentication`) && (spec.driver.static === undefined || method === 'Federated')
    ? undefined
    : {
        reason: 'AuthenticationUnsupported',
        message: `spec.authentication: OAuthIssuer ${metadata.name} does not support ${method}`,
      };
});

/** The policy for clients: every rule is asked, so that a person sees all that is wrong at once. */
const clientRules: readonly ClientRule[] = [
  namespaceHasATenant,
  issuerExists,
  issuerAllowed,
  grantTypesAllowed,
  authenticationAllowed,
  scopesAllowed,
  audiencesAllowed,
  rolesAllowed,
  lifetimeAllowed,
  serviceAccountExists,
  serviceAccountIsFree,
  secretNameIsFree,
  federationEnabled,
  clientIDFitsTheDriver,
  registrationSupported,
  ceilingIsEnforced,
  authenticationSupported,
];

/** All that can be asked while something that the others rest on cannot be read. */
const certainRules: readonly ClientRule[] = [
  ({ tenancy, client }) => tenancyRefusal(tenancy, client.metadata.namespace ?? ''),
];

/** Everything that policy holds against a client; none means that it is allowed, or that it is not known to be forbidden. */
export const clientViolations = (facts: ExistingClientFacts): readonly Violation[] =>
  (facts.unreadable === undefined ? clientRules : certainRules)
    .map((rule) => rule(facts))
    .filter((violation) => violation !== undefined);

/** The ceiling of the tenant, as far as a binding takes it on from its client: scopes and audience it names itself. */
const ceilingRules: readonly CeilingRule[] = [
  issuerAllowed,
  grantTypesAllowed,
  authenticationAllowed,
  rolesAllowed,
  lifetimeAllowed,
];

/** What of a client is above the ceiling and would be in every token of its bindings. */
export const ceilingViolations = (facts: CeilingFacts): readonly Violation[] =>
  ceilingRules.map((rule) => rule(facts)).filter((violation) => violation !== undefined);

/** The Secret in the tenant's namespace that gets the client's credentials; none for a federated client. */
export const credentialsSecretName = ({ spec }: ExistingClientFacts['client']): string | undefined =>
  spec.authentication.privateKey?.secretRef.name ?? spec.authentication.secret?.secretRef.name;
