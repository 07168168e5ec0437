import type { ActionFailure } from '../../domain/attempt.ts';
import type { BindingAction } from '../../domain/binding-plan.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { keyOf } from '../../runtime/store.ts';
import { ok, type Result } from '../../std/result.ts';
import { auditOfSecret } from '../audit-of-secret.ts';
import { deleteSecret } from '../delete-secret.ts';
import type { Environment } from '../environment.ts';

/** Takes a token away: its Secret goes. */
export async function withdrawSecret(
  environment: Environment,
  { secret, because }: Extract<BindingAction, { readonly kind: 'withdraw' }>,
  context: ReconcileContext,
): Promise<Result<void, ActionFailure>> {
  const { world, metrics, audit } = environment;
  const { namespace, name } = secret;
  const key = keyOf(namespace, name);
  const kept = world.tokenSecrets.store.get(key);
  const whose = kept && auditOfSecret(environment, 'grantor.dev/token', kept);
  const deleted = await deleteSecret(environment, world.tokenSecrets, secret, context);
  if (!deleted.ok) return deleted;
  metrics.count('grantor_tokens_withdrawn_total', { because });
  audit({
    act: 'withdraw',
    outcome: 'success',
    object: `Secret ${key}`,
    correlationID: context.correlationID,
    secret: key,
    ...whose,
    reason: because,
  });
  return ok(undefined);
}
