import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { Instant } from '../std/instant.ts';
import { incomparable, managementObstacle } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import type { ClientPlan, Submission } from './client-plan.ts';
import { isFalse, isTrue, isUnknown, type PlannedCondition } from './condition.ts';
import { issuerHas } from './issuer-usable.ts';
import { nextLook } from './look.ts';

/**
 * Looks now and then whether the issuer still holds what it should: one read, and no write anywhere while it does. At once where it is known
 * to hold something else and not yet in which respects, because nothing is sent.
 */
export function planLook(
  facts: ExistingClientFacts,
  wanted: Submission,
  issuer: OAuthIssuer,
  now: Instant,
): Pick<ClientPlan, 'action' | 'requeueAt'> {
  const { client, look } = facts;
  if (!isComparable(wanted, issuer)) return {};
  const due = look.isDue ? now : nextLook(look, client.metadata.uid, issuer.spec.resyncInterval);
  return due <= now || lastSeen(facts, wanted) === undefined
    ? { action: { kind: 'compare', ...wanted } }
    : { requeueAt: due };
}

/** What is known of the difference between what the issuer holds and what is wanted. */
export function inSync(
  facts: ExistingClientFacts,
  wanted: Submission,
  issuer: OAuthIssuer,
): PlannedCondition {
  const { management } = facts.client.spec;
  if (management === 'Paused')
    return wanted.record.registeredHash === wanted.hash
      ? isUnknown('InSync', 'Paused', 'spec.management is Paused: nobody looks')
      : isFalse('InSync', 'Paused', 'spec.management is Paused: what changed since is not sent');
  if (!isComparable(wanted, issuer)) return incomparable;
  return (
    lastSeen(facts, wanted) ??
    isUnknown('InSync', 'Pending', 'it is not known yet what the issuer holds of this client')
  );
}

/** By the last look, or by what the issuer was told since; after a restart the status tells what was seen before. */
function lastSeen(
  { client, look }: ExistingClientFacts,
  { hash, record }: Submission,
): PlannedCondition | undefined {
  const same = isTrue('InSync', 'InSync');
  if (look.hash === hash)
    return look.differences.length === 0 ? same : isFalse('InSync', 'Drifted', differing(look.differences));
  if (record.registeredHash === hash) return same;
  const told = client.status?.conditions?.find(({ type }) => type === 'InSync');
  if (told?.observedGeneration !== client.metadata.generation) return undefined;
  if (told?.reason === 'Drifted') return isFalse('InSync', 'Drifted', told.message);
  return told?.reason === 'InSync' ? same : undefined;
}

/** What was seen, in a sentence. */
export const differing = (differences: readonly string[]): string =>
  `the issuer holds something else than the spec says: ${differences.slice(0, 16).join(', ')}`;

/** Whether the issuer lets us read what it holds of this client. */
const isComparable = ({ record }: Submission, issuer: OAuthIssuer): boolean =>
  issuerHas(issuer, 'Compare') &&
  record.phase === 'Registered' &&
  record.registration !== undefined &&
  managementObstacle(record, issuer) === undefined;
