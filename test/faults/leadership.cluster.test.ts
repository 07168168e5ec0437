import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { useStage } from '../e2e/use-stage.ts';
import { type Manifest, readManifests } from '../stage/manifests.ts';
import type { Program } from '../stage/program.ts';
import { type Controller, root } from '../stage/stage.ts';
import { ownControlPlane } from './use-fault-stage.ts';

/** Each pair of replicas has a Lease, and with it a namespace, of its own; there is nothing in the cluster for them to do. */
const pairs = ['pair-0', 'pair-1'];
const handOversOfPair = 5;

const stage = useStage({ controller: false, cluster: ownControlPlane });
beforeAll(async () => {
  for (const namespace of pairs) await stage.apply(rightsIn(namespace));
});

/** What the controller may do in its own namespace, in another one. */
const rightsIn = (namespace: string): readonly Manifest[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  ...readManifests(join(root, 'deploy'))
    .filter(({ kind }) => kind === 'Role' || kind === 'RoleBinding')
    .map((manifest) => ({ ...manifest, metadata: { ...manifest.metadata, namespace } })),
];

/** When it was logged, in milliseconds since the Unix epoch. */
const timeOf = async (program: Program, message: string): Promise<number> => {
  const [time] = await program.says(new RegExp(`(?<="time":")[^"]+(?="[^\\n]*"msg":"${message}")`), 30_000);
  return Date.parse(time);
};

/** Starts a replica, and waits until it knows whose the lease is. */
async function startReplica(namespace: string): Promise<Controller> {
  const controller = await stage.startController({ args: ['--namespace', namespace] });
  const isReady = async () => (await fetch(`${controller.probes}/readyz`)).status;
  await expect.poll(isReady, { timeout: 30_000 }).toBe(200);
  return controller;
}

/** Ends leaders one after the other, and answers with how long nobody led each time, in seconds. */
async function handOver(namespace: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<number[]> {
  let leader = await startReplica(namespace);
  await timeOf(leader.program, 'leading');
  let next = await startReplica(namespace);
  const gaps: number[] = [];
  for (let n = 0; n < handOversOfPair; n += 1) {
    const killed = Date.now();
    const ended = leader.program.end(signal);
    const from = signal === 'SIGKILL' ? killed : await timeOf(leader.program, 'leadership given back');
    gaps.push(((await timeOf(next.program, 'leading')) - from) / 1000);
    await ended;
    leader = next;
    // Not sooner: a replica that starts at the right moment would be the one that takes the lease.
    next = await startReplica(namespace);
  }
  await Promise.all([leader, next].map(({ program }) => program.end('SIGKILL')));
  return gaps;
}

const figures = (gaps: readonly number[]): string => {
  const sorted = [...gaps].sort((a, b) => a - b);
  const at = (part: number): string => sorted[Math.floor((sorted.length - 1) * part)]!.toFixed(2);
  return `${gaps.length} hand-overs: ${at(0)} / ${at(0.5)} / ${at(1)} s without a leader (least / median / most)`;
};

describe('the next replica leads', () => {
  test.each([
    ['SIGKILL', 17],
    ['SIGTERM', 2],
  ] as const)(
    'after %s of the leader within %i s',
    async (signal, within) => {
      const gaps = (await Promise.all(pairs.map((namespace) => handOver(namespace, signal)))).flat();
      console.log(`${signal}: ${figures(gaps)}`);
      expect(gaps).toHaveLength(pairs.length * handOversOfPair);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(within);
      expect(Math.min(...gaps)).toBeGreaterThan(0);
    },
    240_000,
  );
});
