import { join } from 'node:path';
import { readState, writeState } from './cluster-state.ts';
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
  const servers = state.processes.map(({ name, command: [program = '', ...args] }) =>
    startServer(name, [program, ...args], join(dir, `${name}.log`), 'parent'),
  );
  const processes = servers.map(({ record }) => ({ ...record, command: [...record.command] }));
  writeState(dir, { ...state, processes });
  const failure = await untilReady(dir, servers, () => {});
  if (failure !== undefined) throw new Error(failure);
}
