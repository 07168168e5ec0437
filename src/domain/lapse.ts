import type { Instant } from '../std/instant.ts';
import type { BindingFacts } from './binding-facts.ts';
import { bindingVerdict } from './binding-verdict.ts';
import { grantHash } from './grant.ts';
import { joinViolations } from './violation.ts';

/** What a token was asked for with. */
interface Asked {
  readonly bindingUID: string;
  readonly grantHash: string;
}

/**
 * Why a token may not be delivered any more, though it was rightly asked for: a ceiling came down, or somebody suspended the tenant, while
 * it was on its way. Undefined where what is granted now is what was granted then.
 */
export function lapseOf(asked: Asked, facts: BindingFacts, now: Instant): string | undefined {
  const { binding } = facts;
  if (binding?.metadata.uid !== asked.bindingUID || binding.metadata.deletionTimestamp !== undefined)
    return 'the binding is gone';
  const verdict = bindingVerdict({ ...facts, binding }, now);
  if (verdict.kind === 'refused') return joinViolations(verdict.violations);
  if (facts.unreadable !== undefined) return facts.unreadable;
  if (!verdict.grant.ok) return verdict.grant.error.message;
  return grantHash(verdict.grant.value) === asked.grantHash ? undefined : 'something else is granted now';
}
