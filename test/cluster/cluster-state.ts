import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { releases } from './release.ts';
import { isRunning, type ProcessRecord } from './server-process.ts';

/** What a control plane's folder says about it, so that a process that did not start it can use and stop it. */
const stateSchema = z.object({
  server: z.url(),
  etcdUrl: z.url(),
  kubectl: z.string(),
  /** Absent where it was started before there was a choice. */
  release: z.enum(releases).default('newest'),
  processes: z.array(
    z.object({
      name: z.string(),
      pid: z.int().positive(),
      command: z.array(z.string()),
      endsOn: z.literal('SIGTERM').optional(),
    }),
  ),
  /** Names of the nodes that it has, or is about to have. */
  nodes: z.array(z.string()),
});
export type ClusterState = z.infer<typeof stateSchema>;

const stateFile = (directory: string): string => join(directory, 'cluster.json');

/** The state recorded in `directory`; undefined if no control plane was started there. */
export function readState(directory: string): ClusterState | undefined {
  const file = stateFile(directory);
  if (!existsSync(file)) return undefined;
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(
      `${file} is damaged: stop the etcd and kube-apiserver of that folder by hand, then remove it`,
      {
        cause: error,
      },
    );
  }
}

function stateIn(directory: string): ClusterState {
  const state = readState(directory);
  if (state === undefined) throw new Error(`there is no control plane in ${directory}`);
  return state;
}

/** Replaces the recorded state; a reader sees the old one or the new one. */
export function writeState(directory: string, state: ClusterState): void {
  const file = stateFile(directory);
  writeFileSync(`${file}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Notes which nodes there will be, so that a start that was interrupted is told from one that is done. */
export function expectNodes(directory: string, nodes: readonly string[]): void {
  writeState(directory, { ...stateIn(directory), nodes: [...nodes] });
}

/** How many processes there are when all is up: with nodes also those that give pods to them. */
export const expectedProcesses = ({ nodes }: ClusterState): number =>
  nodes.length === 0 ? 2 : 4 + nodes.length;

/** Adds processes to those recorded in `directory`. */
export function addProcesses(directory: string, added: readonly ProcessRecord[]): void {
  const state = stateIn(directory);
  const processes = added.map((record) => ({ ...record, command: [...record.command] }));
  writeState(directory, { ...state, processes: [...state.processes, ...processes] });
}

/** Forgets the control plane of `directory` but keeps its logs. */
export function removeState(directory: string): void {
  for (const name of [...dataNames, 'cluster.json'])
    rmSync(join(directory, name), { recursive: true, force: true });
  writeFileSync(
    join(directory, marker),
    'The folder of a throw-away control plane; its logs are kept until the next start.\n',
  );
}

const marker = '.grantor-cluster';
const dataNames = ['etcd', 'pki', 'kubeconfig', 'flexvolumes', 'kubectl-cache'];
const logNames = [
  ...['etcd.log', 'kube-apiserver.log', 'audit.log'],
  ...['kube-controller-manager.log', 'kube-scheduler.log', 'nodes'],
];

/** Throws if `directory` holds something that isn't ours to delete. */
export function refuseForeignDirectory(directory: string): void {
  if (!existsSync(directory) || existsSync(join(directory, marker)) || readdirSync(directory).length === 0)
    return;
  throw new Error(`${directory} is neither empty nor a control plane's folder: choose another one`);
}

/** Makes `directory` ready for a new control plane. Refuses one where another runs, and one that isn't ours. */
export function prepareDirectory(directory: string): void {
  refuseForeignDirectory(directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (readState(directory)?.processes.some(isRunning)) {
    throw new Error(`a control plane already runs in ${directory}: stop it first, or choose another folder`);
  }
  removeState(directory);
  for (const name of logNames) rmSync(join(directory, name), { recursive: true, force: true });
}
