import { expect, test } from 'vitest';
import { type Duration, formatDuration, milliseconds, minutes } from '../../../src/std/duration.ts';
import { type Absence, bindingCount, OutageScene } from './outage-scene.ts';

type Who = 'API server' | 'issuer';

/** Lives, and how somebody is away, of which all is well after an outage of 29 % of that life. */
const rows: readonly (readonly [Who, Absence, Duration])[] = [2, 5, 10, 60].flatMap((life) => [
  ['API server', 'refusing', minutes(life)] as const,
  ['API server', 'silent', minutes(life)] as const,
  // Back-off and breaker take some 15 s to notice that an issuer is back, and one that is silent keeps each question for 10 s.
  ...(life < 5
    ? []
    : ([
        ['issuer', 'refusing', minutes(life)],
        ['issuer', 'silent', minutes(life)],
      ] as const)),
]);

/** The least that a token has left in an outage that begins just before the latest renewal there is, in seconds. */
async function smallestLeft(who: Who, how: Absence, life: Duration, seed: number): Promise<number> {
  const scene = await OutageScene.beforeRenewals(life, seed);
  if (who === 'issuer') scene.issuerLeaves(how);
  else scene.apiServerLeaves(how);
  await scene.clock.advance(milliseconds(life * 0.29));
  expect(scene.tokens.renewals).toBe(0);
  scene.heal();
  await scene.clock.advance(milliseconds(life * 0.3));
  await scene.end();
  expect(scene.errors).toEqual([]);
  expect(scene.tokens.renewals).toBeGreaterThan(bindingCount);
  return scene.tokens.smallestLeft;
}

test.each(rows.map((row) => [formatDuration(row[2]), ...row] as const))(
  'no token of %s expires when the %s is away (%s) for 29 hundredths of that, at the worst moment',
  async (_, who, how, life) => {
    const left = await Promise.all([1, 2, 3].map((seed) => smallestLeft(who, how, life, seed)));
    console.log(
      `${who} ${how}, life of ${formatDuration(life)}: ${left.map((one) => one.toFixed(1)).join(', ')} s left`,
    );
    expect(Math.min(...left)).toBeGreaterThan(0);
  },
);
