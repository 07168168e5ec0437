import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { acquireCluster, type TargetCluster } from './target.ts';

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
  const { dir, remove } = runDirectory('cluster');
  const cluster = await acquireCluster({ dir, report: (line) => console.log(`[cluster] ${line}`) });
  provideCluster(project, cluster);
  return async () => {
    await cluster.release();
    remove();
  };
}

export function provideCluster(project: TestProject, { kubeconfig, controlPlane }: TargetCluster): void {
  project.provide('cluster', { kubeconfig, controlPlaneDir: controlPlane?.dir ?? null });
}

/** A folder for what the tests of a run share. A run that is examined afterwards says where to leave the logs. */
export function runDirectory(name: string): { readonly dir: string; readonly remove: () => void } {
  const kept = process.env['GRANTOR_TEST_RUN'];
  const dir = kept ? join(kept, name) : mkdtempSync(join(tmpdir(), `grantor-test-${name}-`));
  return { dir, remove: () => kept || rmSync(dir, { recursive: true, force: true }) };
}
