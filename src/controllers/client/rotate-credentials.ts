import type { OAuthClient } from '../../api/oauth-client.ts';
import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import { authenticationMethod } from '../../domain/authentication-method.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import type { ActionOf } from '../../domain/client-plan.ts';
import { rotationInterrupts, rotationRequest } from '../../domain/credential-policy.ts';
import { afterStep } from '../../domain/credential-steps.ts';
import { isStored } from '../../domain/grant.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { outcomeOf } from '../write-secret.ts';
import { audit } from './at-issuer.ts';
import { generateCredential } from './generate-credential.ts';
import { writeRecord } from './registration-records.ts';

/**
 * Goes a step on in a rotation: one write of the record, which is refused where another controller has gone that step. What the issuer is to
 * hold follows from the record, so nothing here asks it anything.
 */
export async function rotateCredentials(
  environment: Environment,
  { step, record }: ActionOf<'rotateCredentials'>,
  facts: ClientFacts,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { client, issuer } = facts;
  if (client === undefined || issuer === undefined) return ok(undefined);
  const method = authenticationMethod(client.spec.authentication);
  const next = afterStep(record, step, {
    method,
    fresh: step === 'begin' && isStored(method) ? generateCredential(method, record) : {},
    request: rotationRequest(client, record),
    interrupts: rotationInterrupts(method, issuer),
    now: environment.clock.now(),
  });
  const written = await writeRecord(environment, next, record, context);
  if (written.ok) {
    if (step === 'begin') environment.rotationTurns.giveUp(client.metadata.uid);
    if (step === 'retire') for (const copy of facts.credentials) environment.consumers.forget(copy);
    audit(environment, 'rotate', facts, issuer, record, context, ok(undefined), step);
    environment.metrics.count('grantor_credential_rotations_total', { issuer: issuer.metadata.name, step });
  }
  return outcomeOf(written);
}

/** Lines up for a rotation behind the other clients of the issuer. */
export function takeTurn(
  { rotationTurns, clock, metrics }: Environment,
  { metadata: { uid } }: OAuthClient,
  { metadata: { name: issuer }, spec }: OAuthIssuer,
): void {
  const now = clock.now();
  const turn = rotationTurns.take(uid, issuer, spec.limits.rotationSpacing, now);
  if (turn > now) metrics.count('grantor_credential_rotations_deferred_total', { issuer });
}
