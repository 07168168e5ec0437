import type { OAuthClient } from '../api/oauth-client.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { type Duration, milliseconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import { accessTokenLifetime } from './access-token-lifetime.ts';
import type { ActionFailure } from './attempt.ts';
import { authenticationMethod } from './authentication-method.ts';
import type { ExistingBindingFacts } from './binding-facts.ts';
import type { AuthenticationMethod, Grant } from './grant.ts';
import { isUsable } from './issuer-usable.ts';
import { audienceNotInstalled } from './plan-issuer.ts';
import { toleratedAudiences } from './tolerated-audiences.ts';

/** What keeps a workload from logging in with its ServiceAccount token, if it has to. */
export const loginObstacle = (
  method: AuthenticationMethod,
  { issuer, audienceInstalled }: Pick<ExistingBindingFacts, 'issuer' | 'audienceInstalled'>,
): ActionFailure | undefined =>
  method === 'Federated' && issuer !== undefined && !audienceInstalled
    ? { reason: 'AudienceNotInstalled', message: audienceNotInstalled(issuer), retry: 'soon' }
    : undefined;

/** How long a token of this client may live. An issuer that does not hold itself to the registration is held to it here. */
export const longestLife = (client: OAuthClient, scope: TenantScope): Duration =>
  milliseconds(Math.min(accessTokenLifetime(client, scope), scope.spec.tokens.maxLifetime));

/** What a binding that breaks no rule may get; or what is still missing, which comes by itself. */
export function bindingGrant({
  binding,
  client,
  issuer,
  audienceInstalled,
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
      message: `OAuthClient ${binding.spec.clientRef.name} is not registered as it is wanted yet`,
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
  const method = authenticationMethod(client.spec.authentication);
  // Its grant types say so too: a binding of a public client breaks a rule before it comes here.
  if (method === 'Public') {
    return err({
      reason: 'ClientNotReady',
      message: `OAuthClient ${binding.spec.clientRef.name} is public and has no tokens for itself`,
      retry: 'wait',
    });
  }
  const obstacle = loginObstacle(method, { issuer, audienceInstalled });
  if (obstacle !== undefined) return err(obstacle);
  const { tokens, tenantID } = tenancy.scope.spec;
  const registeredFor = client.status?.tenant?.tenantID ?? tenantID;
  if (registeredFor !== tenantID) {
    return err({
      reason: 'ClientNotReady',
      message: `OAuthClient ${binding.spec.clientRef.name} is not registered for tenant ${tenantID} yet`,
      retry: 'soon',
    });
  }
  return ok({
    issuer: issuer.spec.issuer,
    clientID,
    method,
    scopes: binding.spec.token.scopes,
    audience: binding.spec.token.audience,
    tenantID,
    roles: client.spec.roles,
    requiredClaims: tokens.requiredClaims,
    proofOfPossession: client.spec.proofOfPossession,
    maxLifetime: longestLife(client, tenancy.scope),
    toleratedAudiences: toleratedAudiences(issuer),
    claimPaths: issuer.spec.tokens.claimPaths,
    verification: tokens.verification,
    serviceAccount: {
      namespace: binding.metadata.namespace ?? '',
      name: binding.spec.serviceAccountName,
      uid: serviceAccountUID,
    },
  });
}
