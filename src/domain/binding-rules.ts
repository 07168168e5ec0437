import type { OAuthClient } from '../api/oauth-client.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { milliseconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { ActionFailure } from './attempt.ts';
import { authenticationMethod } from './authentication-method.ts';
import type { ExistingBindingFacts } from './binding-facts.ts';
import { ceilingViolations } from './client-rules.ts';
import type { Grant } from './grant.ts';
import { isUsable } from './issuer-usable.ts';
import { outside, scopesOutside } from './scope-pattern.ts';
import { tenancyRefusal, tenancyViolation } from './tenancy.ts';
import { aboveCeiling, joinViolations, type Violation } from './violation.ts';

type BindingRule = (facts: ExistingBindingFacts) => Violation | undefined;

const named = (scope: TenantScope): string => `TenantScope ${scope.metadata.name}`;

/** No TenantScope, no tokens; a suspended one gives none either. */
const namespaceHasATenant: BindingRule = ({ tenancy, binding }) =>
  tenancyViolation(tenancy, binding.metadata.namespace ?? '');

/** Tokens are for the identity of a ServiceAccount that exists now. */
const serviceAccountExists: BindingRule = ({ serviceAccountUID, binding }) =>
  serviceAccountUID === undefined
    ? {
        reason: 'ServiceAccountNotFound',
        message: `spec.serviceAccountName: there is no ServiceAccount ${binding.spec.serviceAccountName}`,
      }
    : undefined;

const clientExists: BindingRule = ({ client, binding }) =>
  client === undefined
    ? {
        reason: 'ClientNotFound',
        message: `spec.clientRef: there is no OAuthClient ${binding.spec.clientRef.name}`,
      }
    : undefined;

/**
 * What is refused to the client is refused to its bindings. Its ceiling is looked at afresh: the verdict in its status may be older
 * than the TenantScope.
 */
const clientIsAllowed: BindingRule = ({ client, tenancy }) => {
  if (client === undefined) return undefined;
  const refusal = client.status?.conditions?.find(
    ({ type, status }) => type === 'Allowed' && status === 'False',
  );
  const why = refusal?.message ?? joinViolations(ceilingViolations({ client, tenancy }));
  return refusal !== undefined || why !== ''
    ? {
        reason: 'ClientNotAllowed',
        message: `OAuthClient ${client.metadata.name} is refused: ${why}`,
      }
    : undefined;
};

const issuerExists: BindingRule = ({ client, issuer }) =>
  client !== undefined && issuer === undefined
    ? { reason: 'IssuerNotFound', message: `there is no OAuthIssuer ${client.spec.issuerRef.name}` }
    : undefined;

/** A federated client is one workload: its tokens are not for others. */
const federatedClientIsItsOwn: BindingRule = ({ client, binding }) => {
  const own = client?.spec.authentication.federated?.serviceAccountName;
  return own === undefined || own === binding.spec.serviceAccountName
    ? undefined
    : {
        reason: 'ServiceAccountMismatch',
        message: `spec.serviceAccountName: OAuthClient ${client?.metadata.name} is federated for ServiceAccount ${own}, not for ${binding.spec.serviceAccountName}`,
      };
};

const scopesWithinTenant: BindingRule = ({ tenancy, binding }) => {
  if (tenancy.kind !== 'tenant') return undefined;
  const allowed = tenancy.scope.spec.tokens.scopes;
  const values = scopesOutside(allowed, binding.spec.token.scopes);
  return values.length === 0
    ? undefined
    : aboveCeiling({
        reason: 'ScopeNotAllowed',
        by: named(tenancy.scope),
        field: 'spec.token.scopes',
        values,
        allowed,
      });
};

const audienceWithinTenant: BindingRule = ({ tenancy, binding }) => {
  if (tenancy.kind !== 'tenant') return undefined;
  const allowed = tenancy.scope.spec.tokens.audiences;
  const values = outside(allowed, [binding.spec.token.audience]);
  return values.length === 0
    ? undefined
    : aboveCeiling({
        reason: 'AudienceNotAllowed',
        by: named(tenancy.scope),
        field: 'spec.token.audience',
        values,
        allowed,
      });
};

const clientNamed = (client: OAuthClient): string => `OAuthClient ${client.metadata.name}`;

/** A binding narrows what its client has; it never adds. */
const scopesWithinClient: BindingRule = ({ client, binding }) => {
  if (client === undefined) return undefined;
  const allowed = client.spec.scopes;
  const values = outside(allowed, binding.spec.token.scopes);
  return values.length === 0
    ? undefined
    : aboveCeiling({
        reason: 'ScopeNotAllowed',
        by: clientNamed(client),
        field: 'spec.token.scopes',
        values,
        allowed,
      });
};

const audienceWithinClient: BindingRule = ({ client, binding }) => {
  if (client === undefined) return undefined;
  const allowed = client.spec.audiences;
  const values = outside(allowed, [binding.spec.token.audience]);
  return values.length === 0
    ? undefined
    : aboveCeiling({
        reason: 'AudienceNotAllowed',
        by: clientNamed(client),
        field: 'spec.token.audience',
        values,
        allowed,
      });
};

const deliveryAllowed: BindingRule = ({ tenancy }) =>
  tenancy.kind !== 'tenant' || tenancy.scope.spec.deliveries.includes('Secret')
    ? undefined
    : aboveCeiling({
        reason: 'DeliveryNotAllowed',
        by: named(tenancy.scope),
        field: 'spec.delivery.secretRef',
        values: ['Secret'],
        allowed: tenancy.scope.spec.deliveries,
      });

/** Two bindings in one Secret would overwrite each other for ever; the older one keeps it. */
const secretNameIsFree: BindingRule = ({ secretHolder, binding }) =>
  secretHolder === undefined
    ? undefined
    : {
        reason: 'SecretNameTaken',
        message: `spec.delivery.secretRef: ${secretHolder} is older and writes to Secret ${binding.spec.delivery.secretRef.name}`,
      };

/** The policy for bindings: every rule is asked, so that a person sees all that is wrong at once. */
const bindingRules: readonly BindingRule[] = [
  namespaceHasATenant,
  serviceAccountExists,
  clientExists,
  issuerExists,
  federatedClientIsItsOwn,
  scopesWithinTenant,
  audienceWithinTenant,
  scopesWithinClient,
  audienceWithinClient,
  deliveryAllowed,
  secretNameIsFree,
  clientIsAllowed,
];

/** All that can be asked while something that the others rest on cannot be read. */
const certainRules: readonly BindingRule[] = [
  ({ tenancy, binding }) => tenancyRefusal(tenancy, binding.metadata.namespace ?? ''),
];

/** Everything that policy holds against a binding; none means that it is allowed, or that it is not known to be forbidden. */
export const bindingViolations = (facts: ExistingBindingFacts): readonly Violation[] =>
  (facts.unreadable === undefined ? bindingRules : certainRules)
    .map((rule) => rule(facts))
    .filter((violation) => violation !== undefined);

/** What a binding that breaks no rule may get; or what is still missing, which comes by itself. */
export function bindingGrant({
  binding,
  client,
  issuer,
  tenancy,
  serviceAccountUID,
}: ExistingBindingFacts): Result<Grant, ActionFailure> {
  const registered = client?.status?.conditions?.some(
    ({ type, status }) => type === 'Registered' && status === 'True',
  );
  const clientID = client?.status?.clientID;
  const current = client?.status?.observedGeneration === client?.metadata.generation;
  if (client === undefined || clientID === undefined || !registered || !current) {
    return err({
      reason: 'ClientNotReady',
      message: `OAuthClient ${binding.spec.clientRef.name} is not registered yet`,
      retry: 'soon',
    });
  }
  if (
    issuer === undefined ||
    !isUsable(issuer) ||
    tenancy.kind !== 'tenant' ||
    serviceAccountUID === undefined
  ) {
    return err({
      reason: 'IssuerNotReady',
      message: `OAuthIssuer ${client.spec.issuerRef.name} is not ready yet`,
      retry: 'soon',
    });
  }
  const { tokens, tenantID } = tenancy.scope.spec;
  return ok({
    issuer: issuer.spec.issuer,
    clientID,
    method: authenticationMethod(client.spec.authentication),
    scopes: binding.spec.token.scopes,
    audience: binding.spec.token.audience,
    tenantID,
    roles: client.spec.roles,
    requiredClaims: tokens.requiredClaims,
    // An issuer that does not hold itself to the registration is held to it here.
    maxLifetime: milliseconds(Math.min(client.spec.accessTokenLifetime, tokens.maxLifetime)),
    serviceAccount: {
      namespace: binding.metadata.namespace ?? '',
      name: binding.spec.serviceAccountName,
      uid: serviceAccountUID,
    },
  });
}
