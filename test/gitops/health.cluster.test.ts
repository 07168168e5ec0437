import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { kindOf, look } from '../e2e/look.ts';
import { anIssuer, aTenant, aWorkload } from '../e2e/objects.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';
import { goToolIfAny } from '../provision/go-tool.ts';
import { answering } from '../stage/issuer-proxy.ts';
import { applyManifests } from '../stage/manifests.ts';
import { root } from '../stage/stage.ts';
import { type Answer, askHealth, healthTool } from '../tools/health/health.ts';

const tool = await goToolIfAny(healthTool);
const lua = readFileSync(join(root, 'charts/grantor/argocd/health.lua'), 'utf8');

describe.skipIf(tool === undefined || !onOwnControlPlane())(
  'what Flux and Argo CD make of an object that',
  () => {
    const stage = useStage();
    const see = look(stage);
    beforeAll(async () => {
      await stage.apply([anIssuer({ url: stage.issuerURL })]);
      await see.until('issuer', 'main', 'True', { within: 30_000 });
    });

    const asked = (object: object): Answer => askHealth(tool!, [{ object, lua }])[0]!;
    const statusOf = (object: object): string => {
      const { kstatus, argo } = asked(object);
      return `${kstatus.status} ${argo.status}`;
    };
    const of = async (kind: keyof typeof kindOf, key: string) => statusOf(await see.object(kind, key));
    const workload = async (tenant: string, spec = {}) => {
      await stage.apply([...aTenant(tenant), ...aWorkload(tenant, 'api', spec)]);
    };

    test('no controller has seen yet: not there', async () => {
      stage.controller.program.signal('SIGSTOP');
      try {
        // Not by the stage, which would make it a rival of its own issuer.
        await applyManifests(stage.kube, [anIssuer({ name: 'unseen', url: 'https://unseen.example' })]);
        await workload('unseen');
        for (const [kind, key] of [
          ['issuer', 'unseen'],
          ['tenant', 'unseen'],
          ['client', 'unseen/api'],
          ['binding', 'unseen/api'],
        ] as const)
          expect([kind, await of(kind, key)]).toEqual([kind, 'InProgress Progressing']);
      } finally {
        stage.controller.program.signal('SIGCONT');
      }
    });

    test('is ready: it is there', async () => {
      await workload('well');
      await see.until('binding', 'well/api', 'True');
      await see.until('tenant', 'well', 'True');
      for (const [kind, key] of [
        ['issuer', 'main'],
        ['tenant', 'well'],
        ['client', 'well/api'],
        ['binding', 'well/api'],
      ] as const)
        expect([kind, await of(kind, key)]).toEqual([kind, 'Current Healthy']);
    });

    test('was changed since the controller saw it: not there', async () => {
      const { metadata, ...rest } = await see.object('client', 'well/api');
      expect(
        statusOf({ ...rest, metadata: { ...metadata, generation: Number(metadata.generation) + 1 } }),
      ).toBe('InProgress Progressing');
    });

    test('is refused by its tenant: failed, in the words of its condition', async () => {
      await workload('refused', { client: { scopes: ['admin'] } });
      await see.until('client', 'refused/api', 'False ScopeNotAllowed');
      expect(await of('client', 'refused/api')).toBe('Failed Degraded');
      const { kstatus, argo } = asked(await see.object('client', 'refused/api'));
      for (const { message } of [kstatus, argo])
        expect(message).toContain('does not allow admin; allowed: orders.*');
    });

    test('waits for another object, which may be applied next: not there', async () => {
      const unfinished = aWorkload('orphan').filter(({ kind }) => kind !== 'OAuthClient');
      await stage.apply([...aTenant('orphan'), ...unfinished]);
      await see.until('binding', 'orphan/api', 'False ClientNotFound');
      expect(await of('binding', 'orphan/api')).toBe('InProgress Progressing');
    });

    test('waits for its issuer: not there, and there once it answers', async () => {
      const mend = stage.proxy.fault({ method: 'POST', about: 'away' }, answering(503));
      await workload('away');
      await see.until('client', 'away/api', 'False IssuerUnavailable');
      expect(await of('client', 'away/api')).toBe('InProgress Progressing');
      mend();
      await see.until('client', 'away/api', 'True');
      expect(await of('client', 'away/api')).toBe('Current Healthy');
    });

    test('is suspended with its tenant: failed to Flux, suspended to Argo CD', async () => {
      await workload('halted');
      await see.until('binding', 'halted/api', 'True');
      await stage.apply(aTenant('halted', { spec: { suspend: true } }));
      await see.until('binding', 'halted/api', 'False Suspended');
      await see.until('client', 'halted/api', 'False Suspended');
      for (const kind of ['client', 'binding'] as const)
        expect([kind, await of(kind, 'halted/api')]).toEqual([kind, 'Failed Suspended']);
    });

    test('is being deleted: going', async () => {
      const mend = stage.proxy.fault({ about: 'well' }, answering(503));
      const { metadata } = await see.object('client', 'well/api');
      await stage.kube.delete(kindOf.client, metadata, { uid: metadata.uid });
      expect(await of('client', 'well/api')).toBe('Terminating Progressing');
      mend();
    });
  },
);
