import { join } from 'node:path';
import { addProcesses, type ClusterState, readState, writeState } from './cluster-state.ts';
import { untilReady } from './control-plane.ts';
import { startServer, stopServer } from './server-process.ts';

/**
 * Ends the servers of the control plane in `dir` and starts them again as they were, on the same ports, once it was seen to their data.
 * They end with this process.
 */
export async function restart(dir: string, meanwhile: () => void = () => {}): Promise<void> {
  const state = readState(dir);
  if (state === undefined) throw new Error(`there is no control plane in ${dir}`);
  await Promise.all(state.processes.map(stopServer));
  meanwhile();
  for (let attempt = 1; ; attempt += 1) {
    const failure = await startAgain(dir, state);
    if (failure === undefined) return;
    // Whoever tries to reach a server that is away may get its port for itself, for a moment.
    if (attempt === 5 || !failure.includes('address already in use')) throw new Error(failure);
    await Promise.all((readState(dir)?.processes ?? []).map(stopServer));
  }
}

/** Answers with what kept them from it. */
async function startAgain(dir: string, state: ClusterState): Promise<string | undefined> {
  const servers = state.processes.map(({ name, command: [program = '', ...args] }) =>
    startServer(name, [program, ...args], join(dir, `${name}.log`), 'parent'),
  );
  writeState(dir, { ...state, processes: [] });
  addProcesses(
    dir,
    servers.map(({ record }) => record),
  );
  return untilReady(dir, servers, () => {});
}
