import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import { ownerOf, type SecretType } from '../delivery/secret-manifest.ts';
import { tokenSecretManifest } from '../delivery/token-secret.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import type { BindingFacts } from '../domain/binding-facts.ts';
import type { BindingAction } from '../domain/binding-plan.ts';
import type { CheckedToken } from '../domain/token-check.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { CallContext, IssuedToken, IssuerDriver } from '../ports/issuer-driver.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { between, formatInstant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { fromKube } from './action-failure.ts';
import { askForToken } from './ask-for-token.ts';
import { auditOf } from './audit-of.ts';
import { generateKeyPair, type KeyPair } from './client-key.ts';
import { notCachedYet } from './confirm-absent.ts';
import { secretKind } from './core-kinds.ts';
import type { Environment } from './environment.ts';
import { passGate } from './token-gate.ts';
import { secretConflict, writeSecret } from './write-secret.ts';

type Issue = Extract<BindingAction, { readonly kind: 'issue' }>;

/** Whom a token is asked for, where, and how. */
export interface IssueCall {
  readonly binding: WorkloadIdentityBinding;
  readonly client: OAuthClient;
  readonly issuer: OAuthIssuer;
  readonly driver: IssuerDriver;
  readonly call: CallContext;
  /** The key that the token is to be bound to, if it is. */
  readonly tokenKey: KeyPair | undefined;
  /** Why nothing may be delivered any more, by what is known at this moment. */
  readonly lapse: () => string | undefined;
}

/** ServiceAccount token → access token → every check → Secret. What fails leaves the delivered token where it is. */
export async function issueToken(
  environment: Environment,
  action: Issue,
  { binding, issuer, client }: BindingFacts,
  lapse: IssueCall['lapse'],
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  if (binding === undefined || issuer === undefined || client === undefined) return ok(undefined);
  const { grant } = action;
  if (action.replaces === undefined) {
    const free = await expectFree(environment, binding, context);
    if (!free.ok) return free;
  }
  const driver = await environment.issuers.driver(issuer);
  if (!driver.ok) return driver;
  const { signal, correlationID } = context;
  const call = { signal, correlationID, tenantID: grant.tenantID };
  // Another for each token: one that is stolen with its key is good as long as that token and no longer.
  const tokenKey = grant.proofOfPossession === 'DPoP' ? generateKeyPair() : undefined;
  const asked = { binding, client, issuer, driver: driver.value, call, tokenKey, lapse };

  const issued = await askForToken(environment, grant, asked, context);
  if (!issued.ok) return issued;
  const admitted = await passGate(environment, grant, issued.value, asked, context);
  return admitted.ok ? deliver(environment, action, issued.value, admitted.value, asked, context) : admitted;
}

/**
 * A Secret that is not ours is never overwritten, and no token is asked for that would have no place to go. One that an earlier leader
 * wrote for this very binding is in nobody's way: the cache was behind, and knows it now.
 */
async function expectFree(
  { kube, world }: Environment,
  { metadata: { namespace, uid }, spec }: WorkloadIdentityBinding,
  { signal }: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { name } = spec.delivery.secretRef;
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
  { grant, grantHash, generation, dueAt, replaces }: Issue,
  { token, tokenType, claims }: IssuedToken,
  { issuedAt, expiresAt, scopes }: CheckedToken,
  { binding, issuer, tokenKey }: IssueCall,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { world, audit, metrics } = environment;
  const { clientID, audience, tenantID } = grant;
  const manifest = tokenSecretManifest(binding, {
    ...{ token, tokenType, issuer: grant.issuer, clientID, audience, scopes },
    ...{ issuedAt, expiresAt, dueAt, generation, grantHash },
    ...(tokenKey && { tokenKey: tokenKey.privateKey }),
  });
  const written = await writeSecret(environment, world.tokenSecrets, manifest, replaces, context);
  if (!written.ok) return written;
  const { name } = issuer.metadata;
  metrics.count('grantor_tokens_issued_total', { issuer: name, tenant: tenantID });
  const before = replaces?.delivered;
  if (before !== undefined) {
    const left =
      between(issuedAt, before.expiresAt) / Math.max(1, between(before.issuedAt, before.expiresAt));
    metrics.observe('grantor_token_remaining_ratio', { issuer: name }, Math.max(0, left));
  }
  audit({
    ...auditOf(grant, binding, context),
    act: 'issue',
    outcome: 'success',
    expiresAt: formatInstant(expiresAt),
    ...(typeof claims['jti'] === 'string' ? { tokenID: claims['jti'] } : {}),
  });
  return ok(undefined);
}
