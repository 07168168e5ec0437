import type { BindingFacts } from './binding-facts.ts';
import { bindingGrant } from './binding-grant.ts';
import { bindingViolations } from './binding-rules.ts';
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
export function lapseOf(asked: Asked, facts: BindingFacts): string | undefined {
  const { binding } = facts;
  if (binding?.metadata.uid !== asked.bindingUID || binding.metadata.deletionTimestamp !== undefined)
    return 'the binding is gone';
  const violations = bindingViolations({ ...facts, binding });
  if (violations.length > 0) return joinViolations(violations);
  if (facts.unreadable !== undefined) return facts.unreadable;
  const granted = bindingGrant({ ...facts, binding });
  if (!granted.ok) return granted.error.message;
  return grantHash(granted.value) === asked.grantHash ? undefined : 'something else is granted now';
}
