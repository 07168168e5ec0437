import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { restart } from '../cluster/restart.ts';
import { look } from '../e2e/look.ts';
import { aBinding, anIssuer, aTenant, audience, aWorkload } from '../e2e/objects.ts';
import { prepareChanges } from './changes.ts';
import { since } from './record.ts';
import { useFaultStage } from './use-fault-stage.ts';

const stage = useFaultStage();
const see = look(stage);
const namespace = 'restored';
const key = `${namespace}/reverts`;
const asking = (scope: string) => aBinding(namespace, 'reverts', { token: { scopes: [scope], audience } });

beforeAll(() => stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(namespace)]));

/** Until the token is one for this. */
const delivered = (scope: string, within: number) =>
  expect
    .poll(async () => JSON.parse((await see.content(`${key}-token`))?.['metadata.json'] ?? '{}'), {
      timeout: within,
    })
    .toMatchObject({ scope });

// As a watch sees it, nothing has happened: it goes on from a version that is yet to come, hears nothing until then, and from there on all.
test('etcd is restored from a copy, and its versions are given again: the controller lists, without a restart, and goes on from what is', async () => {
  const { dir } = stage.controlPlane;
  const [data, copy] = [join(dir, 'etcd'), join(dir, 'etcd-copy')];
  await stage.apply(aWorkload(namespace, 'reverts', { client: { scopes: ['orders.read', 'orders.write'] } }));
  await stage.apply([asking('orders.read')]);
  const changes = await prepareChanges(stage, see, namespace, 'after');
  await delivered('orders.read', 10_000);
  await restart(dir, () => cpSync(data, copy, { recursive: true }));
  await stage.apply([asking('orders.write'), ...aWorkload(namespace, 'vanishes')]);
  await delivered('orders.write', 40_000);
  await see.until('binding', `${namespace}/vanishes`, 'True', { within: 40_000 });

  await expect.poll(() => stage.api.watches().length, { timeout: 40_000 }).toBe(10);
  const { pid } = stage.controller.program;
  const record = since(stage);
  await restart(dir, () => {
    rmSync(data, { recursive: true });
    cpSync(copy, data, { recursive: true });
  });
  const from = Date.now();
  await changes.make();
  await changes.noticed(40_000);
  console.log(`restored: noticed after ${((Date.now() - from) / 1000).toFixed(1)} s`);
  await delivered('orders.read', 1000);
  // It is written where it lies, which takes the version that it has now.
  await stage.apply([asking('orders.write')]);
  await delivered('orders.write', 30_000);
  expect(await see.secret(`${namespace}/vanishes-token`)).toBeUndefined();
  expect({ pid: stage.controller.program.pid, running: stage.controller.program.running }).toEqual({
    pid,
    running: true,
  });
  // Once for the restore. Some had begun to already, since a server that was started forgets versions, or were refused while it started.
  const lists = Object.values(record.lists());
  expect(lists).toHaveLength(10);
  expect(Math.max(...lists)).toBeLessThanOrEqual(3);
}, 180_000);
