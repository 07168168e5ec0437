import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import { tokenSecretManifest } from '../delivery/token-secret.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { BindingFacts } from '../domain/binding-facts.ts';
import type { Grant } from '../domain/grant.ts';
import type { BindingAction } from '../domain/plan-binding.ts';
import { audienceOf } from '../domain/plan-issuer.ts';
import { canKeepFloor, minRemainingOf } from '../domain/rotation.ts';
import { type CheckedToken, checkToken } from '../domain/token-check.ts';
import type { ClientAuthentication, IssuedToken, IssuerDriver } from '../ports/issuer-driver.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { keyOf } from '../runtime/store.ts';
import { formatDuration } from '../std/duration.ts';
import { between, formatInstant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { fromIssuer, fromKube } from './action-failure.ts';
import { auditOf } from './audit-of.ts';
import { secretKind } from './core-kinds.ts';
import type { Environment } from './environment.ts';
import { secretConflict, writeSecret } from './write-secret.ts';

type Issue = Extract<BindingAction, { readonly kind: 'issue' }>;

/** A binding that the plan allows: the client and the issuer are there. */
interface Asked {
  readonly binding: WorkloadIdentityBinding;
  readonly issuer: OAuthIssuer;
  readonly driver: IssuerDriver;
  readonly authentication: ClientAuthentication;
}

/** ServiceAccount token → access token → every check → Secret. What fails leaves the delivered token where it is. */
export async function issueToken(
  environment: Environment,
  action: Issue,
  facts: BindingFacts,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { binding, issuer } = facts;
  if (binding === undefined || issuer === undefined) return ok(undefined);
  if (action.replaces === undefined) {
    const free = await expectFree(environment, binding, context);
    if (!free.ok) return free;
  }
  const driver = await environment.issuers.driver(issuer);
  if (!driver.ok) return driver;
  const authentication = await authenticate(environment, action.grant, issuer, facts, context);
  if (!authentication.ok) return authentication;
  const asked = { binding, issuer, driver: driver.value, authentication: authentication.value };

  const issued = await request(action.grant, asked, context);
  if (!issued.ok) {
    environment.audit({
      ...auditOf(action.grant, binding, context),
      act: 'issue',
      outcome: 'failure',
      reason: issued.error.reason,
    });
    return issued;
  }
  const checked = await check(environment, action.grant, issued.value, asked, context);
  return checked.ok ? deliver(environment, action, issued.value, checked.value, asked, context) : checked;
}

/** A Secret that is not ours is never overwritten, and no token is asked for that would have no place to go. */
async function expectFree(
  { kube }: Environment,
  { metadata: { namespace }, spec }: WorkloadIdentityBinding,
  { signal }: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { name } = spec.delivery.secretRef;
  const found = await kube.get(secretKind, { namespace, name }, { signal });
  if (found.ok) return err(secretConflict(namespace, name));
  return found.error.kind === 'notFound' ? ok(undefined) : err(fromKube('SecretWriteFailed', found.error));
}

async function authenticate(
  { serviceAccountTokens, world }: Environment,
  grant: Grant,
  issuer: OAuthIssuer,
  { client }: BindingFacts,
  { signal }: ReconcileContext,
): Promise<Result<ClientAuthentication, ActionFailure>> {
  if (grant.method === 'Federated') {
    const reusable = issuer.spec.federation.assertionReuse === 'Reusable';
    const assertion = await serviceAccountTokens.assertion(
      grant.serviceAccount,
      audienceOf(issuer),
      reusable,
      signal,
    );
    return assertion.ok ? ok({ method: 'Federated', assertion: assertion.value }) : assertion;
  }
  const record = client && recordOf(world, client.metadata);
  const { clientSecret, privateKey } = record ?? {};
  if (grant.method === 'PrivateKey' && privateKey) return ok({ method: 'PrivateKey', privateKey });
  if (grant.method === 'Secret' && clientSecret) return ok({ method: 'Secret', clientSecret });
  return err({
    reason: 'ClientNotReady',
    message: `OAuthClient ${client?.metadata.name} has no credential yet`,
    retry: 'soon',
  });
}

const recordOf = (
  world: Environment['world'],
  { namespace, name, uid }: { namespace: string; name: string; uid: string },
) =>
  world.registrations.store
    .byIndex('client', keyOf(namespace, name))
    .find(({ record }) => record?.client.uid === uid)?.record;

const callOf = ({ tenantID }: Grant, { signal, correlationID }: ReconcileContext) => ({
  signal,
  correlationID,
  tenantID,
});

async function request(
  grant: Grant,
  { driver, authentication }: Asked,
  context: ReconcileContext,
): Promise<Result<IssuedToken, ActionFailure>> {
  const { clientID, scopes, audience } = grant;
  const issued = await driver.requestToken(
    { clientID, scopes, audience, authentication },
    callOf(grant, context),
  );
  return issued.ok ? issued : err(fromIssuer(issued.error));
}

/** The gate: nothing that is not exactly within the grant gets past. What can do too much is revoked as well. */
async function check(
  { clock, audit, metrics }: Environment,
  grant: Grant,
  issued: IssuedToken,
  { binding, issuer, driver, authentication }: Asked,
  context: ReconcileContext,
): Promise<Result<CheckedToken, ActionFailure>> {
  const checked = checkToken(issued, grant, clock.now());
  const refusal = checked.ok ? floorRefusal(checked.value, binding) : checked.error;
  if (checked.ok && refusal === undefined) return checked;
  const { reason, message, tooPowerful } = refusal ?? {
    reason: 'TokenRefused',
    message: '',
    tooPowerful: false,
  };
  const event = { ...auditOf(grant, binding, context), reason: message };
  metrics.count('grantor_tokens_refused_total', {
    issuer: issuer.metadata.name,
    tenant: grant.tenantID,
    reason,
  });
  audit({ ...event, act: 'refuse', outcome: 'success' });
  if (tooPowerful) {
    const revoked = await driver.revoke(
      issued.token,
      { clientID: grant.clientID, authentication },
      callOf(grant, context),
    );
    audit({ ...event, act: 'revoke', outcome: revoked.ok ? 'success' : 'failure' });
  }
  return err({ reason, message, retry: 'slow' });
}

/** The first token of a kind shows whether its life leaves room for the floor that the binding wants. */
function floorRefusal({ issuedAt, expiresAt }: CheckedToken, { spec }: WorkloadIdentityBinding) {
  const life = between(issuedAt, expiresAt);
  if (canKeepFloor(life, spec.rotation)) return undefined;
  const floor = formatDuration(minRemainingOf(life, spec.rotation));
  return {
    reason: 'RotationFloorUnreachable' as const,
    message: `spec.rotation.minRemaining: a token lives ${formatDuration(life)}, which leaves no room to renew it ${floor} before its end`,
    tooPowerful: false,
  };
}

async function deliver(
  environment: Environment,
  { grant, grantHash, generation, replaces }: Issue,
  issued: IssuedToken,
  { issuedAt, expiresAt, scopes }: CheckedToken,
  { binding, issuer }: Asked,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { world, audit, metrics } = environment;
  const { issuer: identifier, clientID, audience } = grant;
  const { token, tokenType } = issued;
  const delivered = {
    token,
    tokenType,
    issuer: identifier,
    clientID,
    audience,
    scopes,
    issuedAt,
    expiresAt,
    generation,
    grantHash,
  };
  const written = await writeSecret(
    environment,
    world.tokenSecrets,
    tokenSecretManifest(binding, delivered),
    replaces,
    context,
  );
  if (!written.ok) return written;
  metrics.count('grantor_tokens_issued_total', { issuer: issuer.metadata.name, tenant: grant.tenantID });
  const before = replaces?.delivered;
  if (before !== undefined) {
    const left =
      between(issuedAt, before.expiresAt) / Math.max(1, between(before.issuedAt, before.expiresAt));
    metrics.observe('grantor_token_remaining_ratio', { issuer: issuer.metadata.name }, Math.max(0, left));
  }
  audit({
    ...auditOf(grant, binding, context),
    act: 'issue',
    outcome: 'success',
    expiresAt: formatInstant(expiresAt),
    ...(typeof issued.claims['jti'] === 'string' ? { tokenID: issued.claims['jti'] } : {}),
  });
  return ok(undefined);
}
