import type { ActionFailure } from '../domain/attempt.ts';
import type { PlannedCondition } from '../domain/condition.ts';
import { fromKube } from '../issuance/action-failure.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import type { Informer } from '../runtime/informer.ts';
import type { Json } from '../std/canonical-json.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { ConditionedObject } from '../world/kept.ts';
import { auditDenial } from './audit-denial.ts';
import type { Environment } from './environment.ts';
import { tellChange } from './events/tell-change.ts';
import { nextStatus } from './next-status.ts';

interface Told {
  readonly kind: ResourceKind;
  readonly object: ConditionedObject;
  readonly informer: Pick<Informer<never>, 'observe'>;
  readonly conditions: readonly PlannedCondition[];
  /** Fields of status beside `observedGeneration` and `conditions`. */
  readonly fields?: { readonly [field: string]: Json | undefined };
}

/**
 * Applies the status of an object of ours if it differs from what the object has. The resource version is the precondition: a status
 * that was made from older facts is refused, and the watch brings the newer ones.
 */
export async function writeStatus(
  environment: Pick<Environment, 'kube' | 'clock' | 'audit' | 'events' | 'world' | 'ownNamespace'>,
  { kind, object, informer, conditions, fields = {} }: Told,
  context: Pick<ReconcileContext, 'signal' | 'correlationID'>,
): Promise<Result<void, ActionFailure>> {
  const { kube, clock } = environment;
  const { signal } = context;
  const status = nextStatus(object, conditions, fields, clock.now());
  if (status === undefined) return ok(undefined);
  const written = await kube.applyStatus(kind, object.metadata, status, { signal });
  // Deleted meanwhile: there is nobody left to tell.
  if (!written.ok && written.error.kind === 'notFound') return ok(undefined);
  if (!written.ok) return err(fromKube('Pending', written.error));
  informer.observe(written.value);
  auditDenial(environment, kind, object, conditions, context);
  tellChange(environment.events, kind, object, conditions);
  return ok(undefined);
}
