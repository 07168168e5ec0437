import type { ActionFailure } from '../domain/attempt.ts';
import type { CheckedToken } from '../domain/token-check.ts';
import type { IssuedToken } from '../ports/issuer-driver.ts';
import { ok, type Result } from '../std/result.ts';
import { noTracer } from '../std/tracer.ts';
import { generateKeyPair, type KeyPair } from './key-pair.ts';
import { requestToken } from './request-token.ts';
import { passGate } from './token-gate.ts';
import type { IssuanceEnvironment, TokenOrder } from './token-order.ts';

/** A token that may be delivered as it is. */
export interface ObtainedToken extends CheckedToken {
  readonly issued: IssuedToken;
  /** What it is bound to, if it is. */
  readonly tokenKey: KeyPair | undefined;
}

/** The one way to a token, for the controller and on the node: asked for with the workload's own identity, and let through by the gate. */
export function obtainToken(
  environment: IssuanceEnvironment,
  order: TokenOrder,
): Promise<Result<ObtainedToken, ActionFailure>> {
  const { tracer = noTracer } = environment;
  const { grant, issuerName, about, call } = order;
  const [namespace, binding] = about.binding?.split('/') ?? [];
  const attributes = {
    'grantor.issuer': issuerName,
    'grantor.tenant': grant.tenantID,
    'grantor.client_id': grant.clientID,
    'k8s.namespace.name': namespace,
    'grantor.binding': binding,
    'grantor.correlation_id': call.correlationID,
  };
  return tracer.span('token', { attributes }, async (span) => {
    const obtained = await obtain(environment, order);
    if (!obtained.ok) span.fail(obtained.error.reason);
    return obtained;
  });
}

async function obtain(
  environment: IssuanceEnvironment,
  order: TokenOrder,
): Promise<Result<ObtainedToken, ActionFailure>> {
  // Another for each token: one that is stolen with its key is good as long as that token and no longer.
  const tokenKey = order.grant.proofOfPossession === 'DPoP' ? generateKeyPair() : undefined;
  const issued = await requestToken(environment, order, tokenKey);
  if (!issued.ok) return issued;
  const admitted = await passGate(environment, order, issued.value, tokenKey);
  return admitted.ok ? ok({ ...admitted.value, issued: issued.value, tokenKey }) : admitted;
}
