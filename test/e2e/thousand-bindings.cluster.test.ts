import { beforeAll, describe, expect, test } from 'vitest';
import type { Condition, KubeObject, Stored } from '../../src/kube/objects.ts';
import { readAudit } from '../cluster/audit-log.ts';
import { inBatches } from './clear-cluster.ts';
import { kindOf, look } from './look.ts';
import { aBinding, anIssuer, aTenant, aWorkload, secretKind } from './objects.ts';
import { settled, unnecessary } from './unnecessary.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const tenant = 'thousand';
const clients = ['c0', 'c1', 'c2', 'c3', 'c4'];
const bindings = 1000;

/** Matches the time of a line of the log. */
const timeOf = (message: string): RegExp => new RegExp(`(?<="time":")[^"]+(?="[^\\n]*"msg":"${message}")`);

type Binding = KubeObject & { readonly status?: { readonly conditions: readonly Condition[] } };

describe.runIf(onOwnControlPlane())('a thousand healthy bindings', () => {
  const stage = useStage();
  const see = look(stage);

  beforeAll(async () => {
    const client = { accessTokenLifetime: '24h' };
    await stage.apply([
      anIssuer({ url: stage.issuerURL }),
      ...aTenant(tenant, { tokens: { maxLifetime: '24h' } }),
      ...clients.flatMap((name) => aWorkload(tenant, name, { client })),
    ]);
    await Promise.all(clients.map((name) => see.until('binding', `${tenant}/${name}`, 'True')));
    await settled(stage.controller);
    await stage.controller.program.end();
    const names = Array.from({ length: bindings - clients.length }, (_, n) => `copy-${n}`);
    await inBatches(names, copyBinding);
    const { metadata, status } = await see.object('tenant', tenant);
    await done(stage.kube.applyStatus(kindOf.tenant, metadata, { ...(status as object), bindings }));
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
    const due = Array.from({ length: 20 }, (_, n) => `${tenant}/copy-${n}-token`);
    for (const key of due) {
      const { metadata } = (await see.secret(key))!;
      const annotations = { 'grantor.dev/issued-at': new Date(Date.now() - 20 * 3_600_000).toISOString() };
      await done(stage.kube.patchMetadata(secretKind, metadata, { annotations }));
    }
    const { offset } = readAudit(stage.controlPlane.auditLog);
    const asked = stage.proxy.requests.length;
    await next.program.says(/"msg":"leading"/, 17_000);
    await settled(next, bindings);
    const { writes, calls } = unnecessary(stage, { auditOffset: offset, asked });
    expect(writes).toEqual({ 'create serviceaccounts/token': clients.length, 'update secrets': due.length });
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

  /** A binding of the same client with a token and a status of its own, as if it had been there for a while. */
  async function copyBinding(name: string): Promise<void> {
    const from = clients[Number(name.slice(5)) % clients.length]!;
    const renamed = <T>(value: T): T =>
      JSON.parse(JSON.stringify(value).replaceAll(`${from}-token`, `${name}-token`)) as T;
    const original = (await see.object('binding', `${tenant}/${from}`)) as Stored<Binding>;
    const token = await see.secret(`${tenant}/${from}-token`);
    const binding = aBinding(tenant, name, { serviceAccountName: from, clientRef: { name: from } });
    const created = await done(stage.kube.create(kindOf.binding, binding));
    await done(stage.kube.applyStatus(kindOf.binding, created.metadata, renamed(original.status ?? {})));
    const {
      uid: _,
      resourceVersion: __,
      creationTimestamp: ___,
      ownerReferences = [],
      ...metadata
    } = token!.metadata;
    const owners = ownerReferences.map((owner) => ({ ...owner, name, uid: created.metadata.uid }));
    const copy = { ...token!, metadata: { ...metadata, name: `${name}-token`, ownerReferences: owners } };
    await done(stage.kube.create(secretKind, copy));
  }

  async function done<T>(
    answer: Promise<{ ok: true; value: T } | { ok: false; error: { message: string } }>,
  ): Promise<T> {
    const result = await answer;
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  }
});
