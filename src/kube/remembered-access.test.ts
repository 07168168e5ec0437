import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { seconds } from '../std/duration.ts';
import { instantOf } from '../std/instant.ts';
import type { Access, AccessSource } from './cluster-config.ts';
import { rememberAccess } from './remembered-access.ts';

let clock: FakeClock;
let readings: ('periodic' | 'refused')[];
let isBroken: boolean;
let source: AccessSource;

/** Each reading gives another server name. */
const names = async (...asked: Promise<Access>[]): Promise<(string | undefined)[]> =>
  (await Promise.all(asked)).map(({ serverName }) => serverName);

beforeEach(async () => {
  clock = new FakeClock();
  readings = [];
  isBroken = false;
  source = rememberAccess(clock, (refused) => {
    readings.push(refused ? 'refused' : 'periodic');
    return isBroken
      ? Promise.reject(new Error('broken'))
      : Promise.resolve({ serverName: `${readings.length}` });
  });
  await source.access();
});

test('what was read is good for a minute, and read once for all who wait', async () => {
  await clock.advance(seconds(59));
  expect(await names(source.access())).toEqual(['1']);
  await clock.advance(seconds(1));
  expect(await names(source.access(), source.access(), source.access())).toEqual(['2', '2', '2']);
});

test('refusals have it read anew at once, but not again within 5 s', async () => {
  await clock.advance(seconds(5));
  expect(await names(source.renew(), source.renew())).toEqual(['2', '2']);
  for (let i = 0; i < 20; i += 1) {
    await clock.advance(seconds(1));
    await source.renew();
  }
  expect(readings).toEqual(['periodic', 'refused', 'refused', 'refused', 'refused', 'refused']);
});

test('a source that fails is asked each 5 s, not with each call; the old credentials are kept', async () => {
  isBroken = true;
  await clock.advance(seconds(60));
  for (let i = 0; i < 20; i += 1) {
    expect(await names(source.access())).toEqual(['1']);
    await expect(source.renew()).rejects.toThrow('broken');
    await clock.advance(seconds(1));
  }
  expect(readings).toHaveLength(5);
  isBroken = false;
  await clock.advance(seconds(5));
  expect(await names(source.access())).toEqual(['6']);
});

test('a clock that was set back stops nothing', async () => {
  clock.jump(instantOf(0));
  expect(await names(source.access())).toEqual(['2']);
});
