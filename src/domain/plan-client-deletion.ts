import { releaseAnnotation } from '../api/metadata.ts';
import { recordUnreadable } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientPlan, clientFinalizer, fingerprintOf } from './client-plan.ts';
import { isFalse, isUnknown, withReady } from './condition.ts';
import { mayKeepRights, planDisabling, planOrphaning } from './plan-leaving.ts';
import { planDeregistration, type Removal } from './plan-removal.ts';
import type { RegistrationRecord } from './registration-record.ts';

/** Credentials go first, then the registration, then our record of it, then the object. */
export function planClientDeletion(facts: ExistingClientFacts): ClientPlan {
  const { client, issuer, record, unreadable, unreadableRecord, credentials, attempt } = facts;
  const [secret] = credentials;
  const isReleased = client.metadata.annotations?.[releaseAnnotation] === 'true';
  const conditions = withReady(
    [isFalse('Registered', 'Deregistering', 'the registration is being deleted')],
    '',
  );
  if (!(client.metadata.finalizers ?? []).includes(clientFinalizer)) return { conditions: [] };
  if (secret !== undefined) return { action: { kind: 'deleteCredentials', secret }, conditions };
  if (unreadableRecord !== undefined) {
    if (isReleased) return { action: { kind: 'release', record: unreadableRecord }, conditions };
    if (client.spec.deletionPolicy !== 'Delete')
      return { action: { kind: 'deleteRecord', record: unreadableRecord }, conditions };
    return { conditions: withReady([recordUnreadable(unreadableRecord.problem)], '') };
  }
  if (record === undefined) return { action: { kind: 'removeFinalizer' }, conditions };
  // One that cannot be read is not one that is gone.
  if (issuer === undefined && unreadable !== undefined)
    return { conditions: withReady([isUnknown('Registered', 'Malformed', unreadable)], '') };
  const { action, obstacle } = removal(facts, record);
  // Who is released is let go only where the issuer cannot be told, or was told in vain.
  const isInVain = action === undefined || attempt?.fingerprint === fingerprintOf(action, client);
  if (isReleased && isInVain) return { action: { kind: 'release', record }, conditions };
  return action ? { action, conditions } : { conditions: withReady([obstacle], '') };
}

function removal(facts: ExistingClientFacts, record: RegistrationRecord): Removal {
  const { deletionPolicy } = facts.client.spec;
  if (deletionPolicy === 'Delete') return planDeregistration({ ...facts, record });
  return deletionPolicy === 'Orphan' && mayKeepRights(facts, record)
    ? planOrphaning(facts, record)
    : planDisabling({ ...facts, record });
}
