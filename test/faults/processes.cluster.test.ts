import { beforeAll, describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { readState } from '../cluster/cluster-state.ts';
import { kindOf, look } from '../e2e/look.ts';
import { aBinding, anIssuer, aTenant, audience, aWorkload } from '../e2e/objects.ts';
import type { RequestMatch } from '../stage/api-proxy/api-request.ts';
import type { Fault } from '../stage/api-proxy/fault.ts';
import { prepareChanges } from './changes.ts';
import { giveLeaseBack } from './give-lease-back.ts';
import { since } from './record.ts';
import { followTokenLives } from './token-lives.ts';
import { useFaultStage } from './use-fault-stage.ts';

const stage = useFaultStage();
const see = look(stage);
const namespace = 'processes';

beforeAll(() => stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(namespace)]));

test('etcd stands still for 20 s: nothing is lost, no token expires, and nobody hurries', async () => {
  await stage.apply(aWorkload(namespace, 'living', { client: { accessTokenLifetime: '80s' } }));
  await see.until('binding', `${namespace}/living`, 'True');
  const changes = await prepareChanges(stage, see, namespace, 'etcd');
  const etcd = readState(stage.controlPlane.dir)?.processes.find(({ name }) => name === 'etcd');
  const record = since(stage);
  process.kill(etcd!.pid, 'SIGSTOP');
  try {
    await sleep(systemClock, seconds(20));
  } finally {
    process.kill(etcd!.pid, 'SIGCONT');
  }
  const meanwhile = record.requests().length;
  const lives = followTokenLives(see, [`${namespace}/living-token`]);
  await changes.make();
  await changes.noticed(30_000);
  const { smallest } = await lives.stop();
  record.expectAlive();
  expect(smallest).toBeGreaterThan(0);
  expect(meanwhile).toBeGreaterThan(0);
  expect(meanwhile).toBeLessThan(100);
  await see.remove(kindOf.binding, `${namespace}/living`);
});

describe('SIGKILL', () => {
  const inOwn = { resource: 'secrets', namespace: 'grantor-system' } as const;
  const moments: readonly [string, RequestMatch, 'before' | 'after'][] = [
    ['before the intent to register is on record', { ...inOwn, verb: 'create' }, 'before'],
    ['when the intent to register is on record', { ...inOwn, verb: 'create' }, 'after'],
    ['after the registration, before it is on record', { ...inOwn, verb: 'update' }, 'before'],
    ['before the token is in its Secret', { resource: 'secrets', namespace, verb: 'create' }, 'before'],
    ['when the token is in its Secret', { resource: 'secrets', namespace, verb: 'create' }, 'after'],
  ];

  test.each(moments)(
    '%s: the next process makes one client and one token of it',
    async (moment, match, when) => {
      const name = moment.replaceAll(/\W+/g, '-').toLowerCase();
      const { program } = stage.controller;
      const killing: Fault = async (_, next) => {
        if (when === 'after') await next();
        process.kill(program.pid, 'SIGKILL');
        return 'reset';
      };
      stage.api.fault(match, killing, { times: 1 });
      const clientIDs = new Set<string | undefined>();
      stage.proxy.fault({ method: 'POST', path: /^\/register$/, about: namespace }, async (forward) => {
        const answer = await forward();
        clientIDs.add((JSON.parse(answer.body) as { client_id?: string }).client_id);
        return answer;
      });
      const asked = stage.proxy.requests.length;
      await stage.apply(aWorkload(namespace, name));
      await expect.poll(() => program.running, { timeout: 10_000 }).toBe(false);
      await giveLeaseBack(stage.kube);
      await stage.startController();
      await see.until('binding', `${namespace}/${name}`, 'True', { within: 20_000 });
      expect([...clientIDs]).toEqual([await see.clientID(`${namespace}/${name}`)]);
      // Of two tokens, one was the killed process's, and nobody ever saw it.
      const tokens = stage.proxy.requests.slice(asked).filter(({ path }) => path === '/token');
      expect(tokens.length).toBeLessThanOrEqual(2);
    },
  );
});

test('SIGSTOP of the leader with a write on its way: another leads, and the late write is refused', async () => {
  const scopes = ['orders.read', 'orders.write'];
  const key = `${namespace}/stale`;
  await stage.apply(aWorkload(namespace, 'stale', { client: { scopes } }));
  await see.until('binding', key, 'True');
  const leader = stage.controller;
  const next = await stage.startController();
  await expect.poll(async () => (await fetch(`${next.probes}/readyz`)).status, { timeout: 10_000 }).toBe(200);

  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<number>();
  const onItsWay: Fault = async (_, forward) => {
    leader.program.signal('SIGSTOP');
    await released;
    const late = await forward();
    answer(typeof late === 'string' ? 0 : late.status);
    return late;
  };
  stage.api.fault({ verb: 'update', resource: 'secrets', namespace }, onItsWay, { times: 1 });
  const before = await see.secret(`${key}-token`);
  await stage.apply([aBinding(namespace, 'stale', { token: { scopes: ['orders.write'], audience } })]);
  await next.program.says(/"msg":"leading"/, 17_000);
  await see.until('binding', key, 'True');
  const rotated = await see.secret(`${key}-token`);
  expect(rotated?.metadata.resourceVersion).not.toBe(before?.metadata.resourceVersion);

  release();
  expect(await answered).toBe(409);
  leader.program.signal('SIGCONT');
  await leader.program.says(/"msg":"leadership lost"/, 10_000);
  await sleep(systemClock, seconds(3));
  expect(await see.secret(`${key}-token`)).toEqual(rotated);
  expect([leader.program.running, next.program.running]).toEqual([true, true]);
});
