import { describe, expect, it } from 'vitest';
import { aRecord, now } from '../../test/gen/facts.ts';
import { aClient, withMetadata, withSpec } from '../../test/gen/objects.ts';
import { rotated } from '../../test/gen/rotations.ts';
import { hours } from '../std/duration.ts';
import { between } from '../std/instant.ts';
import { rotationDueAt, rotationOpensAt } from './credential-policy.ts';

const thousand = Array.from({ length: 1000 }, (_, n) => n);
const clientOf = (n: number, rotation: object) =>
  aClient(
    withMetadata({ uid: `uid-${n}` }),
    withSpec({ authentication: rotated('privateKey', { overlap: hours(24), ...rotation }) }),
  );

/** The most of these times within one span. */
function peak(times: readonly number[], span: number): number {
  const counts = new Map<number, number>();
  for (const time of times) {
    const slot = Math.floor(time / span);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  return Math.max(...counts.values());
}

describe('a thousand credentials that were made in the same second', () => {
  const record = (revision: number) => aRecord({ credentialRevision: revision, credentialSince: now });

  it.each([1, 2, 12])(
    'are replaced over three days of a month, and differently each time (%i)',
    (revision) => {
      const due = thousand.map((n) =>
        between(now, rotationDueAt(clientOf(n, { every: hours(720) }), record(revision)) ?? now),
      );
      expect(Math.min(...due)).toBeGreaterThanOrEqual(hours(648));
      expect(Math.max(...due)).toBeLessThanOrEqual(hours(720));
      // 14 in an hour, were they all equally far apart.
      expect(peak(due, hours(1))).toBeLessThan(32);
    },
  );

  it('and wait for one window enter it in its first half, minute by minute', () => {
    const window = { days: ['Sat'], start: '02:00', duration: hours(4) };
    const opens = thousand.map((n) => rotationOpensAt(clientOf(n, { window }), now));
    expect(Math.max(...opens) - Math.min(...opens)).toBeLessThan(hours(2));
    // 8 in a minute, were they all equally far apart.
    expect(peak(opens, hours(1) / 60)).toBeLessThan(22);
  });
});
