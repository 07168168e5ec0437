import { oauthClientKind } from '../api/oauth-client.ts';
import type { PlannedCondition } from '../domain/condition.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import type { ConditionedObject } from '../world/kept.ts';
import type { Environment } from './environment.ts';
import { tenantIDOf } from './lookups.ts';

/**
 * Leaves a line when something that an object asks for is not allowed: when its status is told so, and again when the reason changes. What the
 * status said before is what a restart knows too, so none is written twice for that.
 */
export function auditDenial(
  environment: Pick<Environment, 'audit' | 'world' | 'ownNamespace'>,
  { kind }: Pick<ResourceKind, 'kind'>,
  { metadata: { namespace, name }, status }: ConditionedObject,
  conditions: readonly PlannedCondition[],
  { correlationID }: Pick<ReconcileContext, 'correlationID'>,
): void {
  const denied = conditions.find(({ type }) => type === 'Allowed');
  const before = status?.conditions?.find(({ type }) => type === 'Allowed');
  if (denied?.status !== 'False') return;
  if (before?.status === 'False' && before.reason === denied.reason) return;
  const key = `${namespace}/${name}`;
  const tenantID = namespace === undefined ? undefined : tenantIDOf(environment, namespace);
  environment.audit({
    act: 'deny',
    outcome: 'success',
    object: `${kind} ${key}`,
    correlationID,
    ...(tenantID === undefined ? {} : { tenantID }),
    ...(kind === oauthClientKind.kind ? { client: key } : { binding: key }),
    reason: denied.reason,
    detail: denied.message,
  });
}
