/**
 * A circuit breaker as a state machine without a clock: `closed` lets everything through, `open` nothing, `probing` the one call
 * that finds out whether the issuer is back. Whoever owns it says when an open one has cooled down.
 */
export type Breaker =
  | { readonly state: 'closed'; readonly failures: number }
  /** `openings` in a row, without a success in between: the cool-down grows with it. */
  | { readonly state: 'open'; readonly openings: number }
  | { readonly state: 'cooled'; readonly openings: number }
  | { readonly state: 'probing'; readonly openings: number };

export type BreakerEvent = 'sent' | 'answered' | 'failed' | 'abandoned' | 'cooledDown';

export const closedBreaker: Breaker = { state: 'closed', failures: 0 };

/** Whether a call may be sent now. */
export const admits = (breaker: Breaker): boolean => breaker.state === 'closed' || breaker.state === 'cooled';

/**
 * What an event does. A call that its caller gave up (`abandoned`) says nothing about the issuer; an abandoned probe leaves room
 * for the next one. Answers of calls that were sent before the breaker opened close it too: the issuer lives.
 */
export function afterEvent(breaker: Breaker, event: BreakerEvent, threshold: number): Breaker {
  switch (event) {
    case 'answered':
      return closedBreaker;
    case 'sent':
      return breaker.state === 'cooled' ? { ...breaker, state: 'probing' } : breaker;
    case 'cooledDown':
      return breaker.state === 'open' ? { ...breaker, state: 'cooled' } : breaker;
    case 'abandoned':
      return breaker.state === 'probing' ? { ...breaker, state: 'cooled' } : breaker;
    case 'failed':
      return afterFailure(breaker, threshold);
  }
}

function afterFailure(breaker: Breaker, threshold: number): Breaker {
  switch (breaker.state) {
    case 'closed': {
      const failures = breaker.failures + 1;
      return failures < threshold ? { state: 'closed', failures } : { state: 'open', openings: 1 };
    }
    case 'probing':
      return { state: 'open', openings: breaker.openings + 1 };
    // Stragglers that were sent before the breaker opened bring no news.
    case 'open':
    case 'cooled':
      return breaker;
  }
}
