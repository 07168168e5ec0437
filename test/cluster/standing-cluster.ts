import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { exclusively } from '../provision/exclusively.ts';
import type { Report } from '../provision/progress.ts';
import { connectApi } from './api.ts';
import { expectedProcesses, readState, refuseForeignDirectory } from './cluster-state.ts';
import { type ControlPlane, openControlPlane, startControlPlane } from './control-plane.ts';
import { nodeObstacle } from './node/availability.ts';
import { startNodes } from './node/start-nodes.ts';
import { usualRelease } from './release.ts';
import { isRunning } from './server-process.ts';

/** `partly`: one of its servers is gone, or the API server doesn't answer. */
export type ClusterHealth = 'up' | 'partly' | 'down';

/**
 * Makes sure that a control plane with so many nodes stands in `dir` and outlives this process. One that is whole is left alone, another
 * one is replaced.
 */
export async function standUp(dir: string, report: Report, nodes = 0): Promise<ControlPlane> {
  refuseForeignDirectory(dir);
  const obstacle = nodes > 0 ? nodeObstacle() : undefined;
  if (obstacle !== undefined) throw new Error(obstacle);
  return withClusterLock(dir, report, async () => {
    const health = await clusterHealth(dir);
    const standing = openControlPlane(dir);
    if (standing !== undefined && health === 'up') {
      if (standing.nodes.length === nodes && standing.release === usualRelease()) {
        report('the control plane is already up');
        return standing;
      }
      report(
        `the control plane there has ${standing.nodes.length} nodes and the ${standing.release} Kubernetes; replacing it with a new, empty one`,
      );
    }
    if (health === 'partly')
      report('the control plane there is no longer whole; replacing it with a new, empty one');
    await standing?.stop();
    const started = await startControlPlane({ dir, report, lifetime: 'stop' });
    if (nodes > 0) await startNodes(started, { count: nodes, report, lifetime: 'stop' });
    return started;
  });
}

/** Stops exactly the processes that were started for `dir`; says whether there were any. */
export async function takeDown(dir: string, report: Report): Promise<boolean> {
  if (readState(dir) === undefined) return false;
  return withClusterLock(dir, report, async () => {
    const running = readState(dir)?.processes.some(isRunning) ?? false;
    await openControlPlane(dir)?.stop();
    return running;
  });
}

export async function clusterHealth(dir: string): Promise<ClusterHealth> {
  const state = readState(dir);
  if (state === undefined || !state.processes.some(isRunning)) return 'down';
  const whole = state.processes.length === expectedProcesses(state) && state.processes.every(isRunning);
  return whole && (await isReady(dir)) ? 'up' : 'partly';
}

/** Asks as nobody, as a probe would. */
async function isReady(dir: string): Promise<boolean> {
  const cluster = openControlPlane(dir);
  if (cluster === undefined) return false;
  const api = connectApi(cluster.server, { ca: readFileSync(cluster.caFile, 'utf8') });
  const answer = await api.send('GET', '/readyz').catch(() => undefined);
  await api.close();
  return answer?.status === 200;
}

/** Two `make cluster` at once would otherwise each start one. */
function withClusterLock<T>(dir: string, report: Report, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(dir), { recursive: true });
  return exclusively(
    `${dir}.lock`,
    () => report('another command is at work on this cluster; waiting for it'),
    work,
  );
}
