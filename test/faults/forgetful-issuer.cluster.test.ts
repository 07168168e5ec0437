import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { look } from '../e2e/look.ts';
import { anIssuer, aTenant, aWorkload } from '../e2e/objects.ts';
import type { Program } from '../stage/program.ts';
import { useFaultStage } from './use-fault-stage.ts';

// Ended last: clients are deleted there with their tenants.
let restarted: Program | undefined;
afterAll(() => restarted?.end());

const stage = useFaultStage();
const see = look(stage);
const namespace = 'forgotten';
const names = ['ledger', 'orders', 'billing'];

beforeAll(async () => {
  await stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(namespace)]);
  // The first client comes after the issuer was looked at, as in every quickstart.
  await see.until('issuer', 'main', 'True');
  await stage.apply(names.flatMap((name) => aWorkload(namespace, name)));
  for (const name of names) await see.until('binding', `${namespace}/${name}`, 'True');
});

const tokens = (): Promise<(string | undefined)[]> =>
  Promise.all(names.map(async (name) => (await see.content(`${namespace}/${name}-token`))?.['token']));

// No token is due for minutes, so that nobody is told that the client is gone.
test('the issuer is restarted without what it kept: within a minute its clients are there again, and all have other tokens', async () => {
  const before = await tokens();
  await stage.issuer.end('SIGKILL');
  rmSync(join(stage.dir, 'issuer.db'));
  restarted = stage.issuer.again();
  const from = Date.now();
  await expect
    .poll(async () => (await tokens()).filter((token) => token !== undefined && !before.includes(token)), {
      timeout: 90_000,
      interval: 250,
    })
    .toHaveLength(names.length);
  console.log(`forgotten: as before after ${((Date.now() - from) / 1000).toFixed(1)} s`);
  const told = (text: RegExp): number => (stage.controller.program.log().match(text) ?? []).length;
  expect(told(/the issuer does not know the client any more/g)).toBe(names.length);
  expect(told(/the issuer lost a client; the others/g)).toBe(1);
  for (const name of names) await see.until('client', `${namespace}/${name}`, 'True');
}, 120_000);
