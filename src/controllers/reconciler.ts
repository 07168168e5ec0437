import type { ActionFailure, FailedAttempt } from '../domain/attempt.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { again, done, type Outcome, retry, stuck } from '../runtime/outcome.ts';
import { type Clock, isTimeout } from '../std/clock.ts';
import { type Duration, milliseconds } from '../std/duration.ts';
import { between, type Instant } from '../std/instant.ts';
import { OperatorError } from '../std/operator-error.ts';
import type { Result } from '../std/result.ts';
import type { Malformed } from '../world/kept.ts';
import { Attempts } from './attempts.ts';

/** What the loop has to know of a plan. */
interface PlanOf<Action> {
  readonly action?: Action;
  readonly requeueAt?: Instant | undefined;
  /** Empty when there is no object to tell anything. */
  readonly conditions: readonly unknown[];
}

/** What a kind adds to the loop that all kinds share: read, decide, act, tell. */
export interface ReconcilerParts<Facts, Action, Plan extends PlanOf<Action>> {
  /** Of kinds that decide nothing about an object that cannot be read: it is told, and left alone. */
  readonly malformed?: {
    find(key: string): Malformed | undefined;
    tell(object: Malformed, context: ReconcileContext): Promise<Result<void, ActionFailure>>;
  };
  /** Reads caches only. */
  gather(key: string, attempt: FailedAttempt | undefined): Facts;
  /** Decides. Pure. */
  plan(facts: Facts, now: Instant): Plan;
  /** What an action tries: a failure holds back only what has the same fingerprint. */
  fingerprint(action: Action, facts: Facts): string;
  /** Whether an action is done for all who need it before any of them is told. */
  comesBeforeTelling?(action: Action): boolean;
  /** Whether an action may take as long as an issuer lets it. */
  lingers?(action: Action): boolean;
  /** Acts: one switch from action to calls. */
  execute(action: Action, facts: Facts, context: ReconcileContext): Promise<Result<void, ActionFailure>>;
  /** Writes the status if it differs. */
  tell(facts: Facts, plan: Plan, context: ReconcileContext): Promise<Result<void, ActionFailure>>;
}

/** The queue's own back-off is for what a plan cannot see: a status that could not be written, work that was cut off. */
export const retryOf = (failure: ActionFailure, due?: Duration): Outcome =>
  retry(failure, failure.retry === 'soon' ? 'passing' : 'lasting', { atLeast: failure.retryAfter, due });

/** No object takes more steps than this in one go; one that does is going round in circles. */
const mostSteps = 16;

/**
 * gather → plan → execute → gather …, until nothing is left to do at once; then status is written. After each action the facts are
 * gathered again, so that a crash between any two steps leaves what the next start finds and goes on with.
 */
export function createReconciler<Facts, Action, Plan extends PlanOf<Action>>(
  parts: ReconcilerParts<Facts, Action, Plan>,
  clock: Clock,
): (key: string, context: ReconcileContext) => Promise<Outcome> {
  const attempts = new Attempts();
  return async (key, context) => {
    const broken = parts.malformed?.find(key);
    if (parts.malformed !== undefined && broken !== undefined) {
      const told = await parts.malformed.tell(broken, context);
      return told.ok ? stuck({ message: broken.problem }) : retryOf(told.error);
    }
    /** What failed in this pass, by fingerprint: none of it is tried twice. */
    const failed = new Map<string, ActionFailure>();
    for (let step = 0; step < mostSteps; step++) {
      context.catchUp();
      const facts = parts.gather(key, attempts.get(key));
      const plan = parts.plan(facts, clock.now());
      const fingerprint = plan.action && parts.fingerprint(plan.action, facts);
      if (plan.action === undefined || fingerprint === undefined || failed.has(fingerprint)) {
        const told = await parts.tell(facts, plan, context);
        // A plan that does not hold back what has just failed leaves the waiting to the queue.
        const failure = told.ok ? fingerprint && failed.get(fingerprint) : told.error;
        const due = plan.requeueAt && between(clock.now(), plan.requeueAt);
        // A renewal does not wait for a status that nobody lets us write.
        if (failure) return retryOf(failure, due);
        if (plan.conditions.length === 0 && due === undefined) attempts.forget(key);
        return due === undefined ? done : again(due);
      }
      // It is called when there is a place for it; what else there is to do has its own time.
      if (parts.lingers?.(plan.action) && !context.mayLinger())
        return plan.requeueAt === undefined ? done : again(between(clock.now(), plan.requeueAt));
      const result = await parts.execute(plan.action, facts, context);
      if (result.ok) {
        attempts.forget(key, fingerprint);
        if (parts.comesBeforeTelling?.(plan.action)) return again(milliseconds(0));
        continue;
      }
      const failure = result.error;
      // What was cut off says nothing of the object; that it took too long does.
      if (context.signal.aborted && !isTimeout(context.signal)) return retryOf(failure);
      context.log.warn({ reason: failure.reason, error: failure.message }, 'an action failed');
      attempts.fail(key, fingerprint, failure, clock.now());
      failed.set(fingerprint, failure);
    }
    throw new OperatorError(
      'RECONCILE_UNSETTLED',
      `${key} was not settled after ${mostSteps} steps; this is a defect`,
    );
  };
}
