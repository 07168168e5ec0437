import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { acquireCluster } from './target.ts';

/** What the tests of one run share. It crosses to their processes, so it is data only; `testCluster()` makes it useful. */
export interface ProvidedCluster {
  readonly kubeconfig: string;
  /** The folder of our own control plane; null for the cluster of `GRANTOR_TEST_KUBECONFIG`. */
  readonly controlPlaneDir: string | null;
}

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: ProvidedCluster;
  }
}

/** One cluster per test run, gone with it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // A run that is examined afterwards says where to leave the logs.
  const kept = process.env['GRANTOR_TEST_RUN'];
  const dir = kept ? join(kept, 'cluster') : mkdtempSync(join(tmpdir(), 'grantor-test-cluster-'));
  const cluster = await acquireCluster({ dir, report: (line) => console.log(`[cluster] ${line}`) });
  project.provide('cluster', {
    kubeconfig: cluster.kubeconfig,
    controlPlaneDir: cluster.controlPlane === undefined ? null : dir,
  });
  return async () => {
    await cluster.release();
    if (!kept) rmSync(dir, { recursive: true, force: true });
  };
}
