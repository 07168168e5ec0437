import { beforeAll, describe, expect, test } from 'vitest';
import { readAudit } from '../cluster/audit-log.ts';
import { foundPopulation, growPopulation, type Population, populationReady } from '../stage/population.ts';
import { look } from './look.ts';
import { anIssuer, secretKind } from './objects.ts';
import { settled, unnecessary } from './unnecessary.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const population: Population = {
  name: 'thousand',
  issuer: 'main',
  withClientIDs: false,
  tenants: 1,
  clients: 5,
  lifetime: '24h',
};
const bindings = 1000;

/** Matches the time of a line of the log. */
const timeOf = (message: string): RegExp => new RegExp(`(?<="time":")[^"]+(?="[^\\n]*"msg":"${message}")`);

describe.runIf(onOwnControlPlane())('a thousand healthy bindings', () => {
  const stage = useStage();
  const see = look(stage);

  beforeAll(async () => {
    // No look at a client falls due meanwhile.
    await stage.apply([anIssuer({ url: stage.issuerURL, spec: { resyncInterval: '24h' } })]);
    await foundPopulation(stage.kube, population);
    await populationReady(stage.kube, population);
    await settled(stage.controller);
    await stage.controller.program.end();
    await growPopulation(stage, population, bindings, () => {});
  }, 120_000);

  test('regression 20: a start asks for no token and writes nothing but the Lease', async () => {
    const { offset } = readAudit(stage.controlPlane.auditLog);
    const asked = stage.proxy.requests.length;
    await stage.startController();
    await settled(stage.controller, bindings);
    expect(unnecessary(stage, { auditOffset: offset, asked })).toEqual({ writes: {}, calls: [] });
  }, 60_000);

  test('when the leader is killed the next one leads within 17 s, and renews what is due exactly once', async () => {
    const leader = stage.controller;
    const next = await stage.startController();
    await leader.program.end('SIGKILL');
    const due = Array.from({ length: 20 }, (_, n) => `thousand-0/c${n % population.clients}-copy-${n}-token`);
    for (const key of due) {
      const { metadata } = (await see.secret(key))!;
      const annotations = { 'grantor.dev/issued-at': new Date(Date.now() - 20 * 3_600_000).toISOString() };
      const patched = await stage.kube.patchMetadata(secretKind, metadata, { annotations });
      expect(patched.ok).toBe(true);
    }
    const { offset } = readAudit(stage.controlPlane.auditLog);
    const asked = stage.proxy.requests.length;
    await next.program.says(/"msg":"leading"/, 17_000);
    await settled(next, bindings);
    const { writes, calls } = unnecessary(stage, { auditOffset: offset, asked });
    expect(writes).toEqual({
      'create serviceaccounts/token': population.clients,
      'update secrets': due.length,
    });
    expect(calls).toEqual(due.map(() => 'POST /token'));
  }, 60_000);

  test('when the leader ends by itself the next one leads within 2 s', async () => {
    const leader = stage.controller;
    const next = await stage.startController();
    // It has to know the lease before it can take it over.
    await expect
      .poll(async () => (await fetch(`${next.probes}/readyz`)).status, { timeout: 10_000 })
      .toBe(200);
    const ended = leader.program.end('SIGTERM');
    const [givenBack] = await leader.program.says(timeOf('leadership given back'));
    const [taken] = await next.program.says(timeOf('leading'));
    expect(Date.parse(taken) - Date.parse(givenBack)).toBeLessThan(2000);
    await ended;
  });
});
