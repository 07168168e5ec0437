import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { testNode } from '../cluster/node/test-node.ts';
import type { SeenPod } from './look-at-pods.ts';
import { aDeployment, reader } from './pods.ts';
import { useNodeStage } from './use-node-stage.ts';

const inNamespace = '--namespace=grantor-system';

describe.skipIf(testNode() === undefined)('while pods have their tokens', () => {
  const on = useNodeStage();
  /** One whose tokens are not due for as long as this takes, and one whose tokens always are. */
  const [calm, hasty] = ['calm', 'hasty'];
  let pods: { readonly calm: SeenPod; readonly hasty: SeenPod };
  const only = async (tenant: string): Promise<SeenPod> => (await on.ready(tenant))[0]!;

  beforeAll(async () => {
    await on.tenant(calm);
    await on.tenant(hasty, { client: { accessTokenLifetime: '20s' } });
    await on.apply(
      aDeployment(calm, 'reader', 1, { script: reader }),
      aDeployment(hasty, 'reader', 1, { script: reader }),
    );
    pods = { calm: await only(calm), hasty: await only(hasty) };
  });

  /** Does something to the plug-in, and expects that pods do not notice but by their tokens being renewed as ever. */
  async function survive(happens: () => Promise<unknown>): Promise<void> {
    const before = on.claims(pods.calm);
    const asked = on.stage.proxy.requestsAbout(calm).length;
    await on.captureLogs();
    await happens();
    await on.plugIn.pod();
    const renewed = on.claims(pods.hasty)?.jti;
    await vi.waitFor(() => expect(on.claims(pods.hasty)?.jti).not.toBe(renewed), {
      timeout: 60_000,
      interval: 500,
    });
    expect(on.claims(pods.calm)).toEqual(before);
    expect(on.stage.proxy.requestsAbout(calm)).toHaveLength(asked);
    expect([await only(calm), await only(hasty)].map(({ metadata }) => metadata.uid)).toEqual([
      pods.calm.metadata.uid,
      pods.hasty.metadata.uid,
    ]);
    for (const tenant of [calm, hasty]) {
      expect(
        await on.kubectl([`--namespace=${tenant}`, 'logs', '--selector=app=reader', '--tail=-1']),
      ).not.toContain('wrong');
    }
  }

  test('the plug-in may be killed', async () => {
    await survive(async () => {
      await kill(processOf('/grantor/grantor.js', 'node'));
      await vi.waitFor(async () => expect(await restarts()).toBe('1'), { timeout: 20_000, interval: 200 });
    });
  }, 120_000);

  test('its pod may be replaced', async () => {
    const former = await on.plugIn.pod();
    await survive(() => on.kubectl([inNamespace, 'delete', former, '--wait=true']));
    expect(await on.plugIn.pod()).not.toBe(former);
  }, 120_000);

  test('it may be upgraded', async () => {
    const former = await on.plugIn.pod();
    const template = { metadata: { annotations: { version: 'next' } } };
    const patch = JSON.stringify({ spec: { template } });
    await survive(() => on.kubectl([inNamespace, 'patch', 'daemonset', 'grantor-node', `--patch=${patch}`]));
    expect(await on.plugIn.pod()).not.toBe(former);
  }, 120_000);

  test('the kubelet may be restarted', async () => {
    await survive(() => kill(processOf('kubelet', '--config')));
  }, 120_000);

  test('pods that end while there is no plug-in are gone once it is back', async () => {
    const nodeSelector = (value: string | null) =>
      on.kubectl([
        ...[inNamespace, 'patch', 'daemonset', 'grantor-node'],
        `--patch=${JSON.stringify({ spec: { template: { spec: { nodeSelector: { nowhere: value } } } } })}`,
      ]);
    await nodeSelector('true');
    await on.kubectl([
      inNamespace,
      'wait',
      '--for=delete',
      'pod',
      '--selector=app.kubernetes.io/component=node',
      '--timeout=40s',
    ]);
    const { uid } = pods.calm.metadata;
    expect(on.claims(pods.calm)).toBeDefined();
    await on.kubectl([`--namespace=${calm}`, 'delete', 'deployment', 'reader', '--wait=false']);
    await on.kubectl([`--namespace=${calm}`, 'delete', 'pod', pods.calm.metadata.name, '--wait=false']);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await on.traces([uid])).not.toEqual([]);
    await nodeSelector(null);
    await on.plugIn.pod();
    await on.ready(calm, 0);
    expect(await on.traces([uid])).toEqual([]);
  }, 120_000);

  describe('a node that is drained', () => {
    afterAll(() => on.kubectl(['uncordon', on.node.name]));

    test('keeps nothing, and serves pods again afterwards', async () => {
      const { uid } = pods.hasty.metadata;
      await on.kubectl(['drain', on.node.name, '--ignore-daemonsets', '--force', '--timeout=50s']);
      expect(await on.traces([uid])).toEqual([]);
      await on.kubectl(['uncordon', on.node.name]);
      expect(on.claims(await only(hasty))).toBeDefined();
    });
  });

  const restarts = (): Promise<string> =>
    on.kubectl([
      ...[inNamespace, 'get', 'pods', '--selector=app.kubernetes.io/component=node'],
      '--output=jsonpath={.items[*].status.containerStatuses[*].restartCount}',
    ]);

  /** As the node numbers it. */
  function processOf(...words: readonly string[]): string {
    const proc = on.node.path('/proc');
    const found = readdirSync(proc).filter((name) => /^\d+$/.test(name) && isOf(`${proc}/${name}`, words));
    expect(found, `processes with ${words.join(' ')}`).toHaveLength(1);
    return found[0]!;
  }

  const kill = (pid: string): Promise<string> => on.node.run(['/bin/sh', '-c', `kill -KILL ${pid}`]);
});

function isOf(process: string, words: readonly string[]): boolean {
  try {
    const command = readFileSync(`${process}/cmdline`, 'utf8').split('\0');
    return words.every((word) =>
      command.some((argument) => argument === word || argument.startsWith(`${word}=`)),
    );
  } catch {
    // It has ended.
    return false;
  }
}
