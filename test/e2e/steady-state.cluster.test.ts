import { beforeAll, describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { readAudit, selectEtcdWrites, selectRequests, tallyRequests } from '../cluster/audit-log.ts';
import { controllerUser } from '../stage/stage.ts';
import { kindOf, look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

describe.runIf(onOwnControlPlane())('steady state', () => {
  const stage = useStage();
  const see = look(stage);
  const workloads = Array.from({ length: 8 }, (_, n) => `w${n}`);
  const tenant = 'steady';

  beforeAll(async () => {
    // Thirty times as often as usual, so that each client has its look within the minute.
    await stage.apply([anIssuer({ url: stage.issuerURL, spec: { resyncInterval: '1m' } })]);
    // Long lives, so that nothing is due.
    const tokens = { maxLifetime: '24h' };
    const client = { accessTokenLifetime: '24h' };
    await stage.apply([
      ...aTenant(tenant, { tokens }),
      ...workloads.flatMap((name) => aWorkload(tenant, name, { client })),
      ...aWorkload(tenant, 'refused', { client: { scopes: ['admin'] } }),
    ]);
    await Promise.all(workloads.map((name) => see.until('binding', `${tenant}/${name}`, 'True')));
    await see.until('binding', `${tenant}/refused`, 'False');
  });

  test('regression 8: while every object is looked at every 3 s for a minute, nothing is written anywhere', async () => {
    await sleep(systemClock, seconds(4)); // the tenant's counts come at leisure
    const reconciles = await reconcileCount();
    const { offset } = readAudit(stage.controlPlane.auditLog);
    const asked = stage.proxy.requests.length;
    // The resync of the program is every 30 minutes. A change of metadata that means nothing makes it look at an object as well,
    // and without anything that it could skip.
    for (let round = 0; round < 20; round++) {
      await touchAll(round);
      await sleep(systemClock, seconds(3));
    }
    expect((await reconcileCount()) - reconciles).toBeGreaterThanOrEqual(20 * (2 * workloads.length + 4));

    const { events } = readAudit(stage.controlPlane.auditLog, offset);
    const ours = selectRequests(events, { user: controllerUser });
    const besidesTheLease = ours.filter(({ resource, verb }) => resource !== 'leases' && verb !== 'watch');
    expect(tallyRequests(besidesTheLease)).toEqual({});
    expect(selectEtcdWrites(ours).length).toBeGreaterThan(20); // the Lease: the log is not empty for another reason
    const sent = stage.proxy.requests.slice(asked).map(({ method, path }) => `${method} ${path}`);
    expect(sent.filter((request) => !request.startsWith('GET /'))).toEqual([]);
    // Each client was compared with what it should be, by one read, and the one that is refused has none; one or two were read on behalf
    // of all.
    const looks = sent.filter((request) => !request.startsWith('GET /.well-known/'));
    expect(new Set(looks).size).toBe(workloads.length);
    expect(looks.length).toBeLessThanOrEqual(2 * workloads.length + 2);
  }, 120_000);

  async function touchAll(round: number): Promise<void> {
    for (const kind of Object.values(kindOf)) {
      for (const { metadata } of await see.list(kind)) {
        const annotations = { 'example.com/touched': String(round) };
        const patched = await stage.kube.patchMetadata(kind, metadata, { annotations });
        if (!patched.ok) throw new Error(patched.error.message);
      }
    }
  }

  async function reconcileCount(): Promise<number> {
    const page = await (await fetch(`${stage.controller.probes}/metrics`)).text();
    const counts = page.matchAll(/^controller_runtime_reconcile_total\{[^}]*\} (\d+)/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }
});
