import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireCluster } from './target.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-target-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('acquireCluster', () => {
  it('starts nothing when GRANTOR_TEST_KUBECONFIG names a cluster, and ignores KUBECONFIG', async () => {
    const kubeconfig = join(dir, 'config');
    writeFileSync(kubeconfig, '');
    const env = { GRANTOR_TEST_KUBECONFIG: kubeconfig, KUBECONFIG: '/somebody/elses' };
    const cluster = await acquireCluster({ dir: join(dir, 'unused'), report: () => {}, env });
    expect(cluster).toMatchObject({ kubeconfig, controlPlane: undefined });
    await cluster.release();
    expect(existsSync(join(dir, 'unused'))).toBe(false);
  });

  it('says which variable to correct when that file does not exist', async () => {
    const env = { GRANTOR_TEST_KUBECONFIG: join(dir, 'none') };
    await expect(acquireCluster({ dir, report: () => {}, env })).rejects.toThrow(
      `GRANTOR_TEST_KUBECONFIG is ${join(dir, 'none')}, which does not exist: correct the variable or unset it`,
    );
  });
});
