import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { readState } from '../cluster-state.ts';
import { kubectlOf } from '../kubectl.ts';
import { stopServer } from '../server-process.ts';
import { clusterHealth, standUp, takeDown } from '../standing-cluster.ts';
import { testControlPlane } from '../test-cluster.ts';
import { grantorImage } from './grantor-image.ts';
import { testNode } from './test-node.ts';

const node = testNode();

const kubectl = (args: readonly string[], input?: object) => kubectlOf(testControlPlane()!)(args, input);
const inStrict = ['--namespace=strict'] as const;

/** As everybody's pods ought to be. */
const strictly = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

describe.skipIf(node === undefined)('a node', () => {
  const dir = mkdtempSync(join(tmpdir(), 'grantor-node-test-'));
  afterAll(async () => {
    await kubectl(['delete', 'namespace', 'strict', '--wait=false']);
    rmSync(dir, { recursive: true });
  });

  it('runs the pods of a Deployment where only restricted ones are let in, each with a network of nothing but loopback', async () => {
    const script =
      'console.log(process.getuid(), Object.keys(os.networkInterfaces()).join()); setInterval(() => {}, 1000)';
    const container = {
      name: 'c',
      image: grantorImage,
      command: ['/nodejs/bin/node', '-e', script],
      securityContext: strictly,
    };
    const labels = { app: 'plain' };
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'strict', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
        },
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'plain', namespace: 'strict' },
          spec: {
            replicas: 2,
            selector: { matchLabels: labels },
            template: {
              metadata: { labels },
              spec: { terminationGracePeriodSeconds: 0, containers: [container] },
            },
          },
        },
      ],
    };
    await kubectl(['apply', '--filename=-'], list);
    await kubectl([...inStrict, 'wait', '--for=condition=Available', 'deployment/plain', '--timeout=30s']);
    // Without a probe a container is ready as soon as it runs.
    await vi.waitFor(
      async () =>
        expect(await kubectl([...inStrict, 'logs', '--selector=app=plain'])).toBe('65532 lo\n65532 lo\n'),
      { timeout: 5000, interval: 200 },
    );
    const run = await kubectl([
      ...inStrict,
      'exec',
      'deployment/plain',
      '--',
      '/nodejs/bin/node',
      '-p',
      '6 * 7',
    ]);
    expect(run).toBe('42\n');
  });

  it('runs Grantor as the image starts it', async () => {
    const container = {
      name: 'version',
      image: grantorImage,
      args: ['--version'],
      securityContext: strictly,
    };
    await kubectl(['apply', '--filename=-'], {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'version', namespace: 'strict' },
      spec: { restartPolicy: 'Never', containers: [container] },
    });
    await kubectl([
      ...inStrict,
      'wait',
      '--for=jsonpath={.status.phase}=Succeeded',
      'pod/version',
      '--timeout=30s',
    ]);
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
    expect(await kubectl([...inStrict, 'logs', 'version'])).toBe(`${version}\n`);
  });

  it('has folders of its own, which nobody sees outside', async () => {
    const pods = readdirSync(node!.path('/var/lib/kubelet/pods'));
    expect(pods).not.toEqual([]);
    expect(await node!.run(['ls', '/var/lib/kubelet/pods'])).toBe(`${pods.join('\n')}\n`);
    expect(pods.filter((pod) => existsSync(`/var/lib/kubelet/pods/${pod}`))).toEqual([]);
  });

  it('goes up and down with a cluster that stands, and is part of what makes it whole', async () => {
    const standing = join(dir, 'standing');
    const said: string[] = [];
    const report = (line: string): void => void said.push(line);
    const { nodes, server } = await standUp(standing, report, 1);
    expect(nodes).toEqual(['node1']);
    expect((await standUp(standing, report, 1)).server).toBe(server);
    expect(said.at(-1)).toBe('the control plane is already up');
    await stopServer(readState(standing)!.processes.find(({ name }) => name === 'node1')!);
    expect(await clusterHealth(standing)).toBe('partly');
    expect(await takeDown(standing, report)).toBe(true);
    expect(processesOf(standing)).toEqual([]);
  });

  it('leaves nothing on the machine, also when the process that started it is killed', async () => {
    /** Of this node and no other: the machine may have more to do. */
    const traces = (address: string) => ({
      addresses: networkInterfaces()['lo']!.filter((one) => one.address === address).length,
      controlGroups: find('/sys/fs/cgroup', '-maxdepth', '2', '-name', `grantor-node-${address}`).length,
      mounts: readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(dir)),
      processes: processesOf(join(dir, 'cluster')).length > 0,
      settings: find(
        '/proc/sys/vm',
        '/proc/sys/kernel',
        '-maxdepth',
        '2',
        '-name',
        '*oom*',
        '-o',
        '-name',
        'panic*',
        '-o',
        '-name',
        '*overcommit_memory',
        '-o',
        '-name',
        'root_max*',
      ).map((file) => `${file} ${readFileSync(file, 'utf8')}`),
      folders: ['/opt', '/usr/libexec', '/var/lib'].map((path) => readdirSync(path)),
    });
    const before = traces('none');
    const script = join(dir, 'start.mjs');
    writeFileSync(
      script,
      `import { startControlPlane } from ${JSON.stringify(join(import.meta.dirname, '../control-plane.ts'))};
       import { startNodes } from ${JSON.stringify(join(import.meta.dirname, 'start-nodes.ts'))};
       const report = () => {};
       await startNodes(await startControlPlane({ dir: ${JSON.stringify(join(dir, 'cluster'))}, report }), { count: 1, report });
       console.log('ready');
       setInterval(() => {}, 1000);`,
    );
    const starter = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(starter.stdout, 'data');
    const config = readFileSync(join(dir, 'cluster/nodes/node1/kubelet.yaml'), 'utf8');
    const { address } = parse(config) as { address: string };
    expect(traces(address)).toEqual({
      ...before,
      addresses: 1,
      controlGroups: expect.toSatisfy((count: number) => count > 0),
      processes: true,
    });
    starter.kill('SIGKILL');
    await vi.waitFor(() => expect(traces(address)).toEqual(before), { timeout: 10_000, interval: 100 });
  });
});

/** Command lines that name this folder: those of the servers, and those of a node's keeper, containerd and kubelet. */
const processesOf = (folder: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(folder));

const find = (...args: readonly string[]): string[] =>
  execFileSync('find', args, { encoding: 'utf8' }).split('\n').filter(Boolean).sort();
