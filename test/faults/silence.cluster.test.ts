import { beforeAll, describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { look } from '../e2e/look.ts';
import { anIssuer, aTenant, aWorkload } from '../e2e/objects.ts';
import { failing } from '../stage/api-proxy/fault.ts';
import { prepareChanges } from './changes.ts';
import { since } from './record.ts';
import { followTokenLives } from './token-lives.ts';
import { useFaultStage } from './use-fault-stage.ts';

describe('silence', () => {
  const stage = useFaultStage();
  const see = look(stage);
  const namespace = 'silence';
  beforeAll(() => stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(namespace)]));

  test('of everything for 12 s (calls and connections come to nothing): nothing is lost, no token of 50 s expires', async () => {
    await stage.apply(aWorkload(namespace, 'living', { client: { accessTokenLifetime: '50s' } }));
    await see.until('binding', `${namespace}/living`, 'True');
    const changes = await prepareChanges(stage, see, namespace, 'black-hole');
    const record = since(stage);
    const lives = followTokenLives(see, [`${namespace}/living-token`]);
    stage.api.fault({}, failing('silence'));
    stage.api.fallDeaf();
    const releases = stage.api.watches().map((watch) => watch.withhold());
    await changes.make();
    await sleep(systemClock, seconds(12));
    for (const release of releases) release();
    await stage.api.mend();
    await changes.noticed(30_000);
    const { smallest } = await lives.stop();
    record.expectAlive();
    expect(record.lists()).toEqual({});
    expect(smallest).toBeGreaterThan(0);
    // The controller keeps two kinds of promises at a time, the Lease's and its objects'; each call waits for its deadline.
    expect(record.requests().length).toBeLessThan(100);
  }, 90_000);

  test('of all watches, without an end: it is noticed within 90 s, and nothing is lost', async () => {
    const changes = await prepareChanges(stage, see, namespace, 'watches');
    await expect.poll(() => stage.api.watches().length, { timeout: 40_000 }).toBe(10);
    const record = since(stage);
    for (const watch of stage.api.watches()) watch.withhold();
    const from = Date.now();
    await changes.make();
    await changes.noticed(95_000);
    const noticedAfter = (Date.now() - from) / 1000;
    console.log(`silent watches: noticed after ${noticedAfter.toFixed(1)} s`);
    record.expectAlive();
    expect(record.lists()).toEqual({});
    expect(noticedAfter).toBeLessThan(90);
  }, 120_000);
});
