import type { ActionFailure, FailedAttempt } from '../domain/attempt.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { again, done, type Outcome, retry, stuck } from '../runtime/outcome.ts';
import type { Clock } from '../std/clock.ts';
import { between, type Instant } from '../std/instant.ts';
import { OperatorError } from '../std/operator-error.ts';
import type { Result } from '../std/result.ts';
import { Attempts } from './attempts.ts';
import type { Malformed } from './kept.ts';

/** What a kind adds to the loop that all kinds share: read, decide, act, tell. */
export interface ReconcilerParts<
  Facts,
  Action,
  Plan extends { readonly action?: Action; readonly requeueAt?: Instant },
> {
  /** What is wrong with a stored object that cannot be read. Nothing is decided about such a one: it is told, and left alone. */
  malformed(key: string): Malformed | undefined;
  tellMalformed(object: Malformed, context: ReconcileContext): Promise<Result<void, ActionFailure>>;
  /** Reads caches only. */
  gather(key: string, attempt: FailedAttempt | undefined): Facts;
  /** Decides. Pure. */
  plan(facts: Facts, now: Instant): Plan;
  /** What an action tries: a failure holds back only what has the same fingerprint. */
  fingerprint(action: Action, facts: Facts): string;
  /** Acts: one switch from action to calls. */
  execute(action: Action, facts: Facts, context: ReconcileContext): Promise<Result<void, ActionFailure>>;
  /** Writes the status if it differs. */
  tell(facts: Facts, plan: Plan, context: ReconcileContext): Promise<Result<void, ActionFailure>>;
}

/** No object takes more steps than this in one go; one that does is going round in circles. */
const mostSteps = 16;

/**
 * gather → plan → execute → gather …, until nothing is left to do at once; then status is written. After each action the facts are
 * gathered again, so that a crash between any two steps leaves what the next start finds and goes on with.
 */
export function createReconciler<
  Facts,
  Action,
  Plan extends { readonly action?: Action; readonly requeueAt?: Instant },
>(
  parts: ReconcilerParts<Facts, Action, Plan>,
  clock: Clock,
): (key: string, context: ReconcileContext) => Promise<Outcome> {
  const attempts = new Attempts();
  return async (key, context) => {
    const malformed = parts.malformed(key);
    if (malformed !== undefined) {
      const told = await parts.tellMalformed(malformed, context);
      return stuck({
        message: told.ok ? malformed.problem : `${malformed.problem}; status: ${told.error.message}`,
      });
    }
    for (let step = 0; step < mostSteps; step++) {
      const facts = parts.gather(key, attempts.get(key));
      const plan = parts.plan(facts, clock.now());
      if (plan.action === undefined) {
        const told = await parts.tell(facts, plan, context);
        if (!told.ok) return retry(told.error, told.error.retryAfter);
        return plan.requeueAt === undefined ? done : again(between(clock.now(), plan.requeueAt));
      }
      const result = await parts.execute(plan.action, facts, context);
      if (result.ok) {
        attempts.forget(key);
        continue;
      }
      const { reason, message } = result.error;
      context.log.warn({ reason, error: message }, 'an action failed');
      attempts.fail(key, parts.fingerprint(plan.action, facts), result.error, clock.now());
    }
    throw new OperatorError(
      'RECONCILE_UNSETTLED',
      `${key} was not settled after ${mostSteps} steps; this is a defect`,
    );
  };
}
