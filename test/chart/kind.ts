#!/usr/bin/env node
// `make e2e-kind`: what test/chart does on nodes of ours, on a cluster that kind makes of containers. See the usage below.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { grantorImage } from '../cluster/node/grantor-image.ts';

const usage = `usage: node test/chart/kind.ts [--name NAME] [--node-image IMAGE] [--keep]

  Makes a cluster of one control plane and two nodes with kind, builds the image with Docker, loads it there, and runs
  the tests of the chart: install, first token, failover, rights, upgrade with tokens in use, uninstall.
  Needs Docker and kind (https://kind.sigs.k8s.io). Nobody runs this where Grantor is developed, as there is no Docker: the
  same tests run there on nodes without containers (vitest run --project chart), and against a cluster with a name.

  --name NAME          of the cluster (default: grantor-e2e); one that is there already is refused
  --node-image IMAGE   kindest/node:v1.34.3, say; default: the one that kind comes with
  --keep               leaves the cluster, and says how to use it
  -h, --help           this text`;

class Failure extends Error {}

/** Runs a program that tells by itself what it does. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', env });
  if (error !== undefined) throw new Failure(`${program} cannot be run: install it`);
  if (status !== 0) throw new Failure(`${program} ${args[0]} ended with exit code ${status}`);
}

/** Says so before anything is built. */
function expectTools(): void {
  for (const [program, args] of [
    ['docker', ['info']],
    ['kind', ['version']],
  ] as const) {
    const { status, error } = spawnSync(program, args, { stdio: 'ignore' });
    if (error !== undefined) throw new Failure(`${program} is not installed`);
    if (status !== 0) throw new Failure(`${program} ${args[0]} fails: is it running, and may you use it?`);
  }
}

const cluster = stringify({
  kind: 'Cluster',
  apiVersion: 'kind.x-k8s.io/v1alpha4',
  nodes: [{ role: 'control-plane' }, { role: 'worker' }, { role: 'worker' }],
});

function main(): void {
  const { values: options } = parseArgs({
    options: {
      name: { type: 'string', default: 'grantor-e2e' },
      'node-image': { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (options.help) {
    console.log(usage);
    return;
  }
  expectTools();
  const dir = mkdtempSync(join(tmpdir(), 'grantor-kind-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const kubeconfig = join(dir, 'kubeconfig.yaml');
  const named = ['--name', options.name];
  const nodeImage = options['node-image'] === undefined ? [] : ['--image', options['node-image']];
  const [repository, tag] = grantorImage.split(':');
  const values = file('values.yaml', stringify({ image: { repository, tag } }));
  run('docker', ['build', '--tag', grantorImage, '.']);
  const config = ['--config', file('kind.yaml', cluster), '--kubeconfig', kubeconfig];
  run('kind', ['create', 'cluster', ...named, ...nodeImage, ...config]);
  try {
    run('kind', ['load', 'docker-image', grantorImage, ...named]);
    run('vitest', ['run', '--project', 'chart'], {
      ...process.env,
      GRANTOR_TEST_KUBECONFIG: kubeconfig,
      GRANTOR_TEST_VALUES: values,
    });
  } finally {
    if (options.keep) console.log(`the cluster stays: export KUBECONFIG=${kubeconfig}`);
    else {
      run('kind', ['delete', 'cluster', ...named]);
      rmSync(dir, { recursive: true });
    }
  }
}

try {
  main();
} catch (error) {
  console.error(`e2e-kind: ${error instanceof Error ? error.message : String(error)} (--help explains)`);
  process.exitCode = error instanceof Failure ? 1 : 2;
}
