import { recordUnreadable } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientPlan, clientFinalizer } from './client-plan.ts';
import { isFalse, isUnknown, withReady } from './condition.ts';
import { planDeregistration, planLeaving } from './plan-removal.ts';

/** Credentials go first, then the registration, then our record of it, then the object. */
export function planClientDeletion(facts: ExistingClientFacts): ClientPlan {
  const { client, issuer, record, unreadable, unreadableRecord, credentials } = facts;
  const [secret] = credentials;
  const orphaned = client.spec.deletionPolicy === 'Orphan';
  const conditions = withReady(
    [isFalse('Registered', 'Deregistering', 'the registration is being deleted')],
    '',
  );
  if (!(client.metadata.finalizers ?? []).includes(clientFinalizer)) return { conditions: [] };
  if (secret !== undefined) return { action: { kind: 'deleteCredentials', secret }, conditions };
  if (unreadableRecord !== undefined) {
    if (!orphaned) return { conditions: withReady([recordUnreadable(unreadableRecord.problem)], '') };
    return { action: { kind: 'deleteRecord', record: unreadableRecord }, conditions };
  }
  if (record === undefined) return { action: { kind: 'removeFinalizer' }, conditions };
  // One that cannot be read is not one that is gone.
  if (issuer === undefined && unreadable !== undefined)
    return { conditions: withReady([isUnknown('Registered', 'Malformed', unreadable)], '') };
  const { action, obstacle } = (orphaned ? planLeaving : planDeregistration)({ ...facts, record });
  return action ? { action, conditions } : { conditions: withReady([obstacle], '') };
}
