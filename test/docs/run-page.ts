// `node test/docs/run-page.ts PAGE [--nodes N] [--show]`: runs the commands of a page, in their order and as they are, on a cluster that is made
// for it. With --show it prints what they printed, for who writes the page.
// Ports that a page names are nobody else's in a network of its own: see own-network.ts.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { root } from '../stage/stage.ts';
import { type PageCluster, startPageCluster } from './page-cluster.ts';
import { isAsPrinted, outputsOf, scriptOf, stepsOf } from './page-script.ts';
import { pageAt } from './pages.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { nodes: { type: 'string', default: '0' }, show: { type: 'boolean', default: false } },
});
const [page = ''] = positionals;
const marker = '::block';
const steps = stepsOf(pageAt(page));
const dir = mkdtempSync(join(tmpdir(), 'grantor-page-'));
const report = (line: string): void => console.error(`[${page}] ${line}`);

const cluster = await startPageCluster(dir, Number(values.nodes), report);
try {
  const { output, code } = await run(scriptOf(steps, marker), cluster);
  process.exitCode = judge(output, code) ? 0 : 1;
  if (process.exitCode !== 0) console.log(await lookAround(cluster));
} finally {
  await cluster.controlPlane.stop();
  rmSync(dir, { recursive: true, force: true });
}

/** Runs a script where kubectl and the cluster are those of the page, and ends everything that it left running. */
async function run(script: string, { controlPlane, programs }: PageCluster) {
  const logs = join(dir, 'logs');
  mkdirSync(logs);
  writeFileSync(join(dir, 'page.sh'), script);
  // An answer of kubectl that is written by the page changes no other file than this one.
  writeFileSync(join(dir, 'kubeconfig'), readFileSync(controlPlane.adminKubeconfig), { mode: 0o600 });
  const shell = spawn('bash', [join(dir, 'page.sh')], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      // Of a person who is new: no repositories and plug-ins of whoever runs this.
      HOME: dir,
      PATH: `${programs}:${process.env['PATH']}`,
      KUBECONFIG: join(dir, 'kubeconfig'),
      LOGS: logs,
    },
  });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => shell.once('exit', resolve));
  try {
    if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGTERM');
  } catch {
    // Nothing was left.
  }
  return { output, code };
}

/** What somebody would look at who does not get on. */
async function lookAround({ controlPlane: { kubectl, adminKubeconfig } }: PageCluster): Promise<string> {
  const ask = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(kubectl, ['--kubeconfig', adminKubeconfig, ...args])).stdout;
  const things = 'pods,oauthissuers,tenantscopes,oauthclients,workloadidentitybindings';
  return [
    await ask('get', things, '--all-namespaces', '--ignore-not-found').catch(String),
    await ask('get', 'events', '--all-namespaces', '--field-selector=type!=Normal'),
  ].join('\n');
}

/** Tells what each block did; false if one failed or printed something else than the page says. */
function judge(output: string, code: number | null): boolean {
  const outputs = outputsOf(output, marker);
  for (const { at, prints } of steps) {
    const printed = outputs.get(at);
    const last = [...outputs.keys()].at(-1) === at;
    const verdict =
      printed === undefined
        ? 'not reached'
        : last && code !== 0
          ? `failed with exit code ${code}`
          : prints !== undefined && !isAsPrinted(prints, printed)
            ? `did not print what the page says:\n${prints}\n`
            : 'ran';
    console.log(`${at} ${verdict}`);
    if ((values.show || verdict !== 'ran') && printed !== undefined) console.log(printed.trimEnd());
    if (verdict !== 'ran') return false;
  }
  return code === 0;
}
