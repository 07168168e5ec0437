import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { exclusively } from '../provision/exclusively.ts';
import type { Report } from '../provision/progress.ts';
import { connectApi } from './api.ts';
import { readState, refuseForeignDirectory } from './cluster-state.ts';
import { type ControlPlane, openControlPlane, startControlPlane } from './control-plane.ts';
import { isRunning } from './server-process.ts';

/** `partly`: one of its servers is gone, or the API server doesn't answer. */
export type ClusterHealth = 'up' | 'partly' | 'down';

/** Makes sure that a control plane stands in `dir` that outlives this process. One that is whole is left alone, a broken one is replaced. */
export async function standUp(dir: string, report: Report): Promise<ControlPlane> {
  refuseForeignDirectory(dir);
  return withClusterLock(dir, report, async () => {
    const health = await clusterHealth(dir);
    const standing = openControlPlane(dir);
    if (standing !== undefined && health === 'up') {
      report('the control plane is already up');
      return standing;
    }
    if (health === 'partly')
      report('the control plane there is no longer whole; replacing it with a new, empty one');
    await standing?.stop();
    return startControlPlane({ dir, report, lifetime: 'stop' });
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
  const processes = readState(dir)?.processes ?? [];
  if (!processes.some(isRunning)) return 'down';
  const whole = processes.length === 2 && processes.every(isRunning);
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
