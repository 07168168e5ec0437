import { earliest, type Instant } from '../std/instant.ts';
import type { BindingFacts } from './binding-facts.ts';
import { type BindingPlan, endOf, withdrawn } from './binding-plan.ts';
import { isFalse, isUnknown, withReady } from './condition.ts';
import { tenancyRefusal, tenancyViolation } from './tenancy.ts';

/** A binding that rests on something that cannot be read: the token that is there lives out its life. */
export function planUnreadable(
  { secret, binding }: BindingFacts,
  problem: string,
  now: Instant,
): BindingPlan {
  const conditions = withReady([isUnknown('Allowed', 'Malformed', problem)], '');
  const expiresAt = secret?.delivered?.expiresAt;
  if (expiresAt === undefined || binding?.spec.rotation.onExpiry === 'Keep') return { conditions };
  return expiresAt > now ? { conditions, requeueAt: expiresAt } : withdrawn(secret, 'expired', conditions);
}

/**
 * A binding that cannot be read itself gets nothing new. What it has does not outlive its end, since nobody can say that it should,
 * nor the rights of its tenant.
 */
export function planMalformed(
  { strays, tenancy, unreadable }: BindingFacts,
  problem: string,
  now: Instant,
): BindingPlan {
  const conditions = [isFalse('Ready', 'Malformed', problem)];
  const [first] = strays;
  if (first === undefined) return { conditions };
  const refusal = unreadable === undefined ? tenancyViolation : tenancyRefusal;
  if (refusal(tenancy, first.namespace)) return withdrawn(first, 'not allowed', conditions);
  const expired = strays.find((one) => endOf(one, now) <= now);
  if (expired) return withdrawn(expired, 'expired', conditions);
  return { conditions, requeueAt: earliest(...strays.map((one) => endOf(one, now))) };
}
