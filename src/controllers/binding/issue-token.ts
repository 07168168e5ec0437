import type { WorkloadIdentityBinding } from '../../api/workload-identity-binding.ts';
import { ownerOf, type SecretType } from '../../delivery/secret-manifest.ts';
import { tokenSecretManifest } from '../../delivery/token-secret.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { BindingFacts } from '../../domain/binding-facts.ts';
import type { BindingAction } from '../../domain/binding-plan.ts';
import { fromKube } from '../../issuance/action-failure.ts';
import type { AuditSubject } from '../../issuance/audit-of.ts';
import { type ObtainedToken, obtainToken } from '../../issuance/obtain-token.ts';
import { tellIssued } from '../../issuance/tell-issued.ts';
import { secretKind } from '../../kube/core-kinds.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { notCachedYet } from '../client/confirm-absent.ts';
import type { Environment } from '../environment.ts';
import { secretConflict, writeSecret } from '../write-secret.ts';
import { orderToken } from './order-token.ts';

type Issue = Extract<BindingAction, { readonly kind: 'issue' }>;

/** ServiceAccount token → access token → every check → Secret. What fails leaves the delivered token where it is. */
export async function issueToken(
  environment: Environment,
  action: Issue,
  { binding, issuer, client }: BindingFacts,
  lapse: () => string | undefined,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  if (binding === undefined || issuer === undefined || client === undefined) return ok(undefined);
  if (action.replaces === undefined) {
    const free = await expectFree(environment, binding, action.secretName, context);
    if (!free.ok) return free;
  }
  const order = await orderToken(environment, action.grant, { binding, issuer, client }, lapse, context);
  if (!order.ok) return order;
  const obtained = await obtainToken(environment, order.value);
  return obtained.ok ? deliver(environment, action, obtained.value, binding, order.value, context) : obtained;
}

/**
 * A Secret that is not ours is never overwritten, and no token is asked for that would have no place to go. One that an earlier leader
 * wrote for this very binding is in nobody's way: the cache was behind, and knows it now.
 */
async function expectFree(
  { kube, world }: Environment,
  { metadata: { namespace, uid } }: WorkloadIdentityBinding,
  name: string,
  { signal }: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const found = await kube.get(secretKind, { namespace, name }, { signal });
  if (found.ok && isTokenOf(found.value, uid)) {
    world.tokenSecrets.observe(found.value);
    return err(notCachedYet(`Secret ${namespace}/${name}`));
  }
  if (found.ok) return err(secretConflict(namespace, name));
  return found.error.kind === 'notFound' ? ok(undefined) : err(fromKube('SecretWriteFailed', found.error));
}

const isTokenOf = (secret: KubeObject & { readonly type?: string }, uid: string): boolean =>
  secret.type === tokenSecretType && ownerOf(secret.metadata, 'WorkloadIdentityBinding')?.uid === uid;

const tokenSecretType: SecretType = 'grantor.dev/token';

async function deliver(
  environment: Environment,
  { secretName, grant, grantHash, generation, dueAt, replaces }: Issue,
  obtained: ObtainedToken,
  binding: WorkloadIdentityBinding,
  { issuerName, about }: { readonly issuerName: string; readonly about: AuditSubject },
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { issued, issuedAt, expiresAt, scopes, tokenKey } = obtained;
  const { token, tokenType } = issued;
  const { clientID, audience, tenantID } = grant;
  const manifest = tokenSecretManifest(binding, secretName, {
    ...{ token, tokenType, issuer: grant.issuer, clientID, audience, scopes },
    ...{ issuedAt, expiresAt, dueAt, generation, grantHash },
    ...(tokenKey && { tokenKey: tokenKey.privateKey }),
  });
  const written = await writeSecret(environment, environment.world.tokenSecrets, manifest, replaces, context);
  if (!written.ok) return written;
  const of = { issuer: issuerName, tenant: tenantID };
  tellIssued(environment, about, of, obtained, replaces?.delivered);
  return ok(undefined);
}
