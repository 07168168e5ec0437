import type { OAuthClient } from '../../api/oauth-client.ts';
import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import { readToken } from '../../delivery/token-secret.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { BindingFacts } from '../../domain/binding-facts.ts';
import type { BindingAction } from '../../domain/binding-plan.ts';
import type { GrantLogin } from '../../domain/grant.ts';
import { audienceOf } from '../../domain/plan-issuer.ts';
import { fromIssuer, fromKube } from '../../issuance/action-failure.ts';
import { secretKind } from '../../kube/core-kinds.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { errorText } from '../../runtime/log.ts';
import { keyOf } from '../../runtime/store.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Secret } from '../../std/secret.ts';
import { authenticateClient } from '../client/authenticate-client.ts';
import type { Environment } from '../environment.ts';

type Revoke = Extract<BindingAction, { readonly kind: 'revoke' }>;

/** Whose token it is, and where it is revoked. */
interface At {
  readonly client: OAuthClient;
  readonly issuer: OAuthIssuer;
  readonly login: GrantLogin;
}

/** Reads the token that was delivered, once more and for this alone, and has it revoked. The issuer is not waited for. */
export async function revokeDelivered(
  environment: Environment,
  { secret, login }: Revoke,
  { binding, client, issuer }: BindingFacts,
  { signal, correlationID, log }: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  if (binding === undefined || client === undefined || issuer === undefined) return ok(undefined);
  const read = await readDeliveredToken(environment, secret, signal);
  if (!read.ok) return read;
  const { token, resourceVersion } = read.value;
  const key = keyOf(secret.namespace, binding.metadata.name);
  const endsAt = secret.delivered?.expiresAt ?? environment.clock.now();
  environment.revocations.start({ key, secretUID: secret.uid, resourceVersion, endsAt }, async (until) => {
    const context = { signal: until, correlationID };
    const revoked = await revoke(environment, token, { client, issuer, login }, context).catch(
      (error: unknown) => {
        log.error({ error: errorText(error) }, 'a revocation broke off');
        return err<ActionFailure>({ reason: 'IssuerUnavailable', message: 'it broke off', retry: 'slow' });
      },
    );
    environment.audit({
      act: 'revoke',
      outcome: revoked.ok ? 'success' : 'failure',
      object: `WorkloadIdentityBinding ${key}`,
      correlationID,
      tenantID: login.tenantID,
      binding: key,
      secret: keyOf(secret.namespace, secret.name),
      serviceAccount: keyOf(login.serviceAccount.namespace, login.serviceAccount.name),
      issuer: issuer.spec.issuer,
      clientID: login.clientID,
      ...(revoked.ok ? {} : { reason: revoked.error.reason, detail: revoked.error.message }),
    });
    return revoked;
  });
  return ok(undefined);
}

async function readDeliveredToken(
  { kube }: Environment,
  { namespace, name, uid }: Revoke['secret'],
  signal: AbortSignal,
): Promise<Result<{ readonly token: Secret; readonly resourceVersion: string }, ActionFailure>> {
  const found = await kube.get<KubeObject & { readonly data?: Readonly<Record<string, unknown>> }>(
    secretKind,
    { namespace, name },
    { signal },
  );
  if (!found.ok) return err(fromKube('SecretWriteFailed', found.error));
  const { metadata } = found.value;
  const token = metadata.uid === uid ? readToken(found.value) : undefined;
  if (token !== undefined) return ok({ token, resourceVersion: metadata.resourceVersion });
  const message = `Secret ${namespace}/${name} holds no token that could be revoked`;
  return err({ reason: 'SecretWriteFailed', message, retry: 'slow' });
}

async function revoke(
  environment: Environment,
  token: Secret,
  { client, issuer, login }: At,
  { signal, correlationID }: Pick<ReconcileContext, 'signal' | 'correlationID'>,
): Promise<Result<void, ActionFailure>> {
  const driver = await environment.issuers.driver(issuer);
  if (!driver.ok) return driver;
  const authentication = await authenticateClient(environment, login, issuer, client, { signal });
  if (!authentication.ok) return authentication;
  const { clientID, tenantID } = login;
  const revoked = await driver.value.revoke(
    token,
    { clientID, authentication: authentication.value },
    { signal, correlationID, tenantID },
  );
  if (revoked.ok) return revoked;
  const failure = fromIssuer(revoked.error);
  const proof = authentication.value;
  if (revoked.error.kind !== 'unauthorized' || proof.method !== 'Federated') return err(failure);
  // Another assertion may be good.
  environment.serviceAccountTokens.refused(login.serviceAccount, audienceOf(issuer), proof.assertion);
  return err({ ...failure, retry: 'soon' });
}
