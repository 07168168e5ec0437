import type { IssuerFailure } from '../ports/issuer-failure.ts';
import { exponential } from '../std/backoff.ts';
import type { Clock } from '../std/clock.ts';
import { type Duration, formatDuration, milliseconds, seconds } from '../std/duration.ts';
import { createFairQueue } from '../std/fair-queue.ts';
import { between, type Instant, plus } from '../std/instant.ts';
import { err, type Result } from '../std/result.ts';
import { longestPause } from '../std/retry-after.ts';
import type { Rng } from '../std/rng.ts';
import { refill, type TokenBucket, take, untilNext } from '../std/token-bucket.ts';
import { admits, afterEvent, type Breaker, type BreakerEvent, closedBreaker } from './breaker.ts';
import type { IssuerLimits } from './limits.ts';

/** Protects one issuer from one process: rate, concurrency, pauses that it asked for, and a breaker for when it is down. */
export interface Governor {
  /**
   * Runs `task` when its turn comes. Turns go round the tenants, so that none waits for another's backlog. What can't run soon
   * fails at once instead of holding up its caller: `throttled` in a long pause or with a full queue, `unavailable` while the
   * breaker is open.
   */
  run<T>(
    tenantID: string,
    signal: AbortSignal,
    task: () => Promise<Result<T, IssuerFailure>>,
  ): Promise<Result<T, IssuerFailure>>;
  /** Fails everything that waits. */
  close(): void;
}

export interface GovernorOptions {
  readonly limits: Omit<IssuerLimits, 'timeout'>;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Told when the breaker opens, and when it closes again. */
  readonly onBreaker?: (isOpen: boolean) => void;
}

/** Calls of one tenant that may wait; a reconciler's workers are far fewer. */
const waitingPerTenant = 100;
/** No call waits longer for its turn: its caller holds a worker that other issuers' objects wait for, and comes back. */
const longestWait = seconds(2);
/** A 429 without a readable `Retry-After`. */
const defaultPause = seconds(5);
const failuresToOpen = 5;
/** Between questions whether the issuer is back: one request each is no burden, and tokens run out meanwhile. */
const cooldown = { initial: seconds(5), max: seconds(10) };

interface Waiting {
  start(): void;
  fail(failure: IssuerFailure): void;
}

/** A governor for one issuer. Its state is a bucket, a breaker and a queue; time only moves it through timers of `clock`. */
export function createGovernor({ limits, clock, rng, onBreaker }: GovernorOptions): Governor {
  const queue = createFairQueue<Waiting>(waitingPerTenant);
  let bucket: TokenBucket = { tokens: limits.burst, at: clock.now() };
  let breaker: Breaker = closedBreaker;
  let underWay = 0;
  let closed = false;
  // Timers, not times, end a pause and a cool-down: a clock that jumps can't prolong them.
  let pausedUntil: Instant | undefined;
  let endPause = (): void => {};
  let endCooldown = (): void => {};
  let cancelTurn: (() => void) | undefined;

  /** Lets through what may go now and sets a timer for the next token. */
  function pump(): void {
    const refusal = refusalNow();
    if (refusal) {
      for (let waiting = queue.shift(); waiting; waiting = queue.shift()) waiting.fail(refusal);
    }
    while (queue.size > 0 && mayStart()) {
      bucket = refill(bucket, limits, clock.now());
      const taken = take(bucket);
      if (!taken) return wakeAfter(untilNext(bucket, limits));
      bucket = taken;
      queue.shift()?.start();
    }
  }

  const mayStart = (): boolean =>
    pausedUntil === undefined && admits(breaker) && underWay < limits.concurrency;

  function wakeAfter(delay: Duration): void {
    cancelTurn ??= clock.after(delay, () => {
      cancelTurn = undefined;
      pump();
    });
  }

  /** Why nothing can run for a while, if so. */
  function refusalNow(): IssuerFailure | undefined {
    if (closed)
      return { kind: 'unavailable', sent: false, detail: 'the connection to the issuer was closed' };
    const pause = pausedUntil === undefined ? 0 : between(clock.now(), pausedUntil);
    if (pause > longestWait) {
      const retryAfter = milliseconds(Math.min(pause, longestPause));
      return {
        kind: 'throttled',
        sent: false,
        retryAfter,
        // Without the time that is left: a text that changes at each try would be a status write at each try.
        detail: 'the issuer asked to be left alone for a while',
      };
    }
    if (breaker.state !== 'open') return undefined;
    return {
      kind: 'unavailable',
      sent: false,
      detail: 'the issuer failed several times in a row; it is asked again shortly',
    };
  }

  function pauseFor(wait: Duration): void {
    const until = plus(clock.now(), wait);
    if (pausedUntil !== undefined && pausedUntil >= until) return;
    endPause();
    pausedUntil = until;
    endPause = clock.after(wait, () => {
      pausedUntil = undefined;
      // Come back gently: with what the rate gives, not with the burst that gathered during the pause.
      bucket = { tokens: 1, at: clock.now() };
      pump();
    });
  }

  function tell(event: BreakerEvent): void {
    const before = breaker;
    breaker = afterEvent(breaker, event, failuresToOpen);
    if (before.state === breaker.state) return;
    endCooldown();
    if (before.state === 'closed' || breaker.state === 'closed') onBreaker?.(breaker.state !== 'closed');
    if (breaker.state === 'open') {
      endCooldown = clock.after(exponential(cooldown, breaker.openings, rng.next()), () => {
        tell('cooledDown');
        pump();
      });
    }
  }

  /** What an outcome says about the issuer. One that its caller gave up says nothing. */
  function learn(outcome: Result<unknown, IssuerFailure>, abandoned: boolean): void {
    if (closed) return;
    if (outcome.ok) return tell('answered');
    const { kind, retryAfter } = outcome.error;
    if (kind === 'unavailable') tell(abandoned ? 'abandoned' : 'failed');
    else tell('answered');
    if (retryAfter !== undefined || kind === 'throttled') pauseFor(retryAfter ?? defaultPause);
  }

  return {
    run<T>(tenantID: string, signal: AbortSignal, task: () => Promise<Result<T, IssuerFailure>>) {
      const { promise, resolve, reject } = Promise.withResolvers<Result<T, IssuerFailure>>();
      const leaveQueue = (): void => {
        cancelWait();
        signal.removeEventListener('abort', onAbort);
      };
      const waiting: Waiting = {
        start() {
          leaveQueue();
          underWay += 1;
          tell('sent');
          void task()
            .then((outcome) => {
              learn(outcome, signal.aborted);
              resolve(outcome);
            })
            .catch((error: unknown) => {
              tell('abandoned');
              reject(error);
            })
            .finally(() => {
              underWay -= 1;
              pump();
            });
        },
        fail(failure) {
          leaveQueue();
          resolve(err(failure));
        },
      };
      const giveUp = (failure: IssuerFailure): void => {
        queue.remove(tenantID, waiting);
        waiting.fail(failure);
      };
      const onAbort = (): void => giveUp(stopped);
      const cancelWait = clock.after(longestWait, () =>
        giveUp(tooBusy(`no turn within ${formatDuration(longestWait)}`)),
      );
      signal.addEventListener('abort', onAbort, { once: true });

      if (signal.aborted) giveUp(stopped);
      else if (!queue.push(tenantID, waiting))
        giveUp(tooBusy(`${waitingPerTenant} calls of this tenant wait already`));
      else pump();
      return promise;
    },
    close() {
      closed = true;
      if (breaker.state !== 'closed') onBreaker?.(false);
      endPause();
      endCooldown();
      cancelTurn?.();
      pump();
    },
  };
}

const stopped: IssuerFailure = {
  kind: 'unavailable',
  sent: false,
  detail: 'the call was stopped before it was sent',
};
const tooBusy = (why: string): IssuerFailure => ({
  kind: 'throttled',
  sent: false,
  retryAfter: defaultPause,
  detail: `too many calls for the issuer's limits: ${why}`,
});
