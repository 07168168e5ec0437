import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { provideParts } from '../../../tools/image/parts.ts';
import { ownPlatform } from '../../../tools/image/platform.ts';
import type { Report } from '../../provision/progress.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { dumpEtcd } from '../dump-etcd.ts';
import { runDirectory } from '../global-setup.ts';
import { usualRelease } from '../release.ts';
import { nodeObstacle } from './availability.ts';
import { ensureNodePrograms } from './programs.ts';
import { startNodes } from './start-nodes.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the run's first node; null where none can be had. */
    node: string | null;
  }
}

export interface NodesOfARun {
  /** For messages and folders. */
  readonly name: string;
  readonly count: number;
  /** Why its tests cannot run here, beside what keeps nodes from running. */
  readonly obstacle?: (report: Report) => Promise<string | undefined>;
}

/** One control plane with nodes for the test run of a project, gone with it. */
export const runWithNodes =
  ({ name, count, obstacle }: NodesOfARun) =>
  async (project: TestProject): Promise<() => Promise<void>> => {
    const report = (line: string): void => console.log(`[${name}] ${line}`);
    const why = (await whyNone(report)) ?? (await obstacle?.(report));
    if (why !== undefined) {
      const say = (): void => report(`its tests are skipped: ${why}`);
      say();
      project.provide('cluster', { kubeconfig: '', controlPlaneDir: null });
      project.provide('node', null);
      // Once more, where it is read.
      return async () => say();
    }
    const { dir, remove } = runDirectory(name);
    await using takeDown = new AsyncDisposableStack();
    takeDown.defer(remove);
    const controlPlane = takeDown.adopt(await startControlPlane({ dir, report }), (started) =>
      started.stop(),
    );
    const [node] = await startNodes(controlPlane, { count, report });
    project.provide('cluster', { kubeconfig: controlPlane.adminKubeconfig, controlPlaneDir: dir });
    project.provide('node', node?.name ?? null);
    const all = takeDown.move();
    return async () => {
      if (process.env['GRANTOR_TEST_RUN']) await captureEtcd(controlPlane);
      await all.disposeAsync();
    };
  };

/** For the leak canary: everything that is stored in the end, but for Secrets, which are what secrets are for. */
async function captureEtcd({ etcdUrl, dir }: ControlPlane): Promise<void> {
  const stored = [...(await dumpEtcd(etcdUrl))].filter(([key]) => !key.startsWith('/registry/secrets/'));
  writeFileSync(
    join(dir, 'etcd-content.log'),
    Buffer.concat(stored.flatMap(([key, value]) => [Buffer.from(key), value])),
  );
}

async function whyNone(report: Report): Promise<string | undefined> {
  if (process.env['GRANTOR_TEST_KUBECONFIG']) return 'the nodes of GRANTOR_TEST_KUBECONFIG are not ours';
  const obstacle = nodeObstacle();
  if (obstacle !== undefined) return obstacle;
  const provided = Promise.all([
    ensureNodePrograms(report, usualRelease()),
    provideParts(ownPlatform(), report),
  ]);
  return provided.then(
    () => undefined,
    (error: Error) => error.message,
  );
}
