import { expect, test } from 'vitest';
import { admits, afterEvent, type Breaker, type BreakerEvent, closedBreaker } from './breaker.ts';

const after = (...events: readonly BreakerEvent[]): Breaker =>
  events.reduce((breaker, event) => afterEvent(breaker, event, 3), closedBreaker);
const failures = ['failed', 'failed', 'failed'] as const;

test.each<[string, readonly BreakerEvent[], Breaker, boolean]>([
  [
    'fewer failures than it takes leave it closed',
    ['failed', 'failed'],
    { state: 'closed', failures: 2 },
    true,
  ],
  [
    'a success in between starts the count again',
    ['failed', 'failed', 'answered', 'failed'],
    { state: 'closed', failures: 1 },
    true,
  ],
  ['calls that were given up do not count', ['abandoned', 'abandoned', 'abandoned'], closedBreaker, true],
  ['enough failures open it', failures, { state: 'open', openings: 1 }, false],
  ['stragglers change nothing', [...failures, 'failed', 'abandoned'], { state: 'open', openings: 1 }, false],
  [
    'cooled down it lets one call through',
    [...failures, 'cooledDown'],
    { state: 'cooled', openings: 1 },
    true,
  ],
  ['and no second one', [...failures, 'cooledDown', 'sent'], { state: 'probing', openings: 1 }, false],
  ['a good answer closes it', [...failures, 'cooledDown', 'sent', 'answered'], closedBreaker, true],
  [
    'a bad one opens it for longer',
    [...failures, 'cooledDown', 'sent', 'failed'],
    { state: 'open', openings: 2 },
    false,
  ],
  [
    'a probe that is given up leaves room for another',
    [...failures, 'cooledDown', 'sent', 'abandoned'],
    { state: 'cooled', openings: 1 },
    true,
  ],
  ['a late good answer closes it too', [...failures, 'answered'], closedBreaker, true],
])('%s', (_, events, expected, admitting) => {
  const breaker = after(...events);
  expect(breaker).toEqual(expected);
  expect(admits(breaker)).toBe(admitting);
});
