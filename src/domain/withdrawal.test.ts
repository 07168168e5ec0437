import { describe, expect, it } from 'vitest';
import { now } from '../../test/gen/facts.ts';
import type { Reason } from '../api/reasons.ts';
import { minutes } from '../std/duration.ts';
import { between, formatInstant, minus, plus } from '../std/instant.ts';
import { violation } from './violation.ts';
import { isEffective, mayBeAccident, withdrawalOf, withdrawalStatus } from './withdrawal.ts';

type Violations = Parameters<typeof withdrawalOf>[0];
const for_ = (first: Reason, ...others: Reason[]): Violations => {
  const made = (reason: Reason) => violation(reason, 'metadata.namespace', 'no');
  return [made(first), ...others.map(made)];
};
const accident = for_('NoTenantScope');
const meant = for_('Suspended');
const delay = minutes(10);

/** Minutes from now until it takes effect. */
const wait = (violations: Violations, before?: ReturnType<typeof withdrawalStatus>, at = now): number => {
  const { effectiveAt } = withdrawalOf(violations, before, delay, at);
  return between(at, effectiveAt) / 60_000;
};
const since = (minutesAgo: number, violations: Violations = accident) => {
  const at = minus(now, minutes(minutesAgo));
  return withdrawalStatus(withdrawalOf(violations, undefined, delay, at));
};

describe('what is granted no more is taken away', () => {
  it.each<[string, number, number]>([
    ['at once when the tenant is suspended', wait(meant), 0],
    ['at once when a ceiling came down', wait(for_('ScopeNotAllowed')), 0],
    ['a while later when no TenantScope is there', wait(accident), 10],
    ['a while later when two select the namespace', wait(for_('TenantScopeOverlap')), 10],
    ['a while later when its issuer is deleted', wait(for_('IssuerGoing')), 10],
    ['at once when an accident is not all that is wrong', wait(for_('NoTenantScope', 'ClientNotFound')), 0],
    ['when the countdown ends that was begun, whoever goes on with it', wait(accident, since(4)), 6],
    [
      'when the first countdown ends, though it may be another accident now',
      wait(for_('IssuerGoing'), since(9)),
      1,
    ],
    ['at once when the tenant is suspended while it counts down', wait(meant, since(4)), 0],
    ['a full while from now where the clock was set back', wait(accident, since(-60)), 10],
  ])('%s', (_, minutesLeft, expected) => {
    expect(minutesLeft).toBe(expected);
  });

  it('and stays taken away, though it would be an accident now', () => {
    const before = since(3, meant);
    const withdrawal = withdrawalOf(accident, before, delay, now);
    expect(isEffective(withdrawal, now)).toBe(true);
    expect(formatInstant(withdrawal.effectiveAt)).toBe(before.effectiveAt);
  });

  it('at the very moment, not after it', () => {
    const withdrawal = withdrawalOf(accident, since(0), delay, now);
    const times = [minus(withdrawal.effectiveAt, minutes(1)), withdrawal.effectiveAt, plus(now, minutes(99))];
    expect(times.map((at) => isEffective(withdrawal, at))).toEqual([false, true, true]);
  });
});

it('a lower ceiling beside an accident is meant', () => {
  expect(mayBeAccident(for_('NoTenantScope', 'IssuerGoing'))).toBe(true);
  expect(mayBeAccident(for_('NoTenantScope', 'RoleNotAllowed'))).toBe(false);
});
