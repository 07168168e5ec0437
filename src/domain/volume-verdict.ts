import type { Instant } from '../std/instant.ts';
import { type Grant, grantHash } from './grant.ts';
import { grantIn } from './grant-status.ts';
import type { VolumeFacts } from './volume-facts.ts';
import type { VolumeFinding } from './volume-rule.ts';
import { volumeRules } from './volume-rules.ts';

/** What a pod may have at a moment. */
export type VolumeVerdict =
  | {
      readonly kind: 'granted';
      readonly grant: Grant;
      readonly grantHash: string;
    }
  | VolumeFinding;

/** Asks every rule in order; the first that is broken decides. */
export function volumeVerdict(facts: VolumeFacts, now: Instant): VolumeVerdict {
  for (const rule of volumeRules) {
    const found = rule(facts, now);
    if (found !== undefined) return found;
  }
  const { binding, issuer } = facts;
  const status = binding?.status?.grant;
  // The rules have asked for these.
  if (binding === undefined || status === undefined || issuer === undefined) return incomplete;
  const grant = grantIn(status, issuer, binding.metadata.namespace);
  return { kind: 'granted', grant, grantHash: grantHash(grant) };
}

const incomplete: VolumeFinding = {
  kind: 'pending',
  reason: 'Pending',
  message: 'not everything is known yet',
};

/** Why a token may not be delivered any more that was rightly asked for by this grant. */
export function volumeLapse(asked: string, facts: VolumeFacts, now: Instant): string | undefined {
  const verdict = volumeVerdict(facts, now);
  if (verdict.kind !== 'granted') return verdict.message;
  return verdict.grantHash === asked ? undefined : 'something else is granted now';
}
