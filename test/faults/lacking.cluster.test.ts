import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ControlPlane } from '../cluster/control-plane.ts';
import { Program } from '../stage/program.ts';
import { ownControlPlane } from './use-fault-stage.ts';

describe('a controller in a cluster where nothing of Grantor is', () => {
  const dir = mkdtempSync(join(tmpdir(), 'grantor-lacking-'));
  let controlPlane: ControlPlane | undefined;

  beforeAll(async () => {
    ({ controlPlane } = await ownControlPlane(dir));
  });
  afterAll(async () => {
    await controlPlane?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test.concurrent.each([
    [
      'the kinds',
      'admin',
      5,
      /^error: the cluster does not serve Grantor's kinds .*kubectl apply --server-side -f crds\/$/,
    ],
    [
      'a right',
      'nobody',
      4,
      /^error: a right is missing: .*"nobody" cannot get resource "namespaces".*docs\/reference\/rights\.md/,
    ],
  ] as const)('that lacks %s says what to do, and ends', async (_, user, code, line) => {
    const there = controlPlane!;
    const kubeconfig = user === 'admin' ? there.adminKubeconfig : await there.kubeconfigFor(user);
    const program = new Program({
      args: ['controller', '--kubeconfig', kubeconfig, '--probes', '127.0.0.1:0'],
      logFile: join(dir, `${user}.log`),
    });
    await program.says(/^error: .*$/m, 60_000);
    await vi.waitFor(() => expect(program.exitCode).toBe(code), 5000);
    expect(program.log().trimEnd().split('\n').at(-1)).toMatch(line);
  });
});
