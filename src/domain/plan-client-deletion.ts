import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { registrationUncertain } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientPlan, clientFinalizer } from './client-plan.ts';
import { isFalse, withReady } from './condition.ts';
import { isOf, issuerHas, isUsable } from './issuer-usable.ts';
import type { RegistrationRecord } from './registration-record.ts';
import { reclaimedRegistration } from './wanted-registration.ts';

/** Credentials go first, then the registration, then our record of it, then the object. */
export function planClientDeletion(facts: ExistingClientFacts): ClientPlan {
  const { client, issuer, record, unreadableRecord, credentials } = facts;
  const [secret] = credentials;
  const conditions = withReady(
    [isFalse('Registered', 'Deregistering', 'the registration is being deleted')],
    '',
  );
  if (!(client.metadata.finalizers ?? []).includes(clientFinalizer)) return { conditions: [] };
  if (secret !== undefined) return { action: { kind: 'deleteCredentials', secret }, conditions };
  if (unreadableRecord !== undefined && client.spec.deletionPolicy !== 'Orphan')
    return { conditions: recordUnreadable(unreadableRecord) };
  if (record === undefined) return { action: { kind: 'removeFinalizer' }, conditions };
  if (client.spec.deletionPolicy === 'Orphan')
    return { action: { kind: 'deleteRecord', record }, conditions };
  if (issuer === undefined || !isOf(record, issuer)) return { conditions: issuerGone(record) };

  // Our mark finds the client whose id or token we do not have, or makes it: either way it can then be deleted.
  if (needsReclaiming(facts, issuer, record)) {
    return { action: { kind: 'reclaim', ...reclaimedRegistration(facts, record) }, conditions };
  }
  if (record.registration !== undefined) return { action: { kind: 'deregister', record }, conditions };
  // Whether our mark would find it is known when the issuer is.
  if (!isUsable(issuer)) return { conditions: issuerNotReady(record) };
  if (record.phase === 'Attempting') return { conditions: withReady([registrationUncertain(record)], '') };
  return { action: { kind: 'deleteRecord', record }, conditions };
}

/**
 * Without a registration in our record the issuer may still hold one: its answer got lost. And 401 to a deletion may mean that the
 * client is gone already (RFC 7592 section 2.3), or that our token is not good any more.
 */
function needsReclaiming(
  { attempt }: ExistingClientFacts,
  issuer: OAuthIssuer,
  record: RegistrationRecord,
): boolean {
  if (!issuerHas(issuer, 'IdempotentRegister')) return false;
  const refused =
    attempt?.failure.reason === 'IssuerUnauthorized' && attempt.fingerprint.startsWith('deregister/');
  return record.registration === undefined || refused;
}

const recordUnreadable = (problem: string) =>
  withReady(
    [
      isFalse(
        'Registered',
        'Malformed',
        `${problem} in Grantor's namespace, so the client cannot be deleted at the issuer; mend the Secret, or set spec.deletionPolicy: Orphan to leave the client behind`,
      ),
    ],
    '',
  );

const issuerNotReady = (record: RegistrationRecord) =>
  withReady(
    [
      isFalse(
        'Registered',
        'IssuerNotReady',
        `OAuthIssuer ${record.issuer} is not ready and may hold the client; it is deleted there first, unless spec.deletionPolicy is Orphan`,
      ),
    ],
    '',
  );

const issuerGone = (record: RegistrationRecord) =>
  withReady(
    [
      isFalse(
        'Registered',
        'IssuerNotFound',
        `OAuthIssuer ${record.issuer} (${record.issuerIdentifier}) is gone, so the client cannot be deleted there; bring it back, or set spec.deletionPolicy: Orphan to leave the client behind`,
      ),
    ],
    '',
  );
