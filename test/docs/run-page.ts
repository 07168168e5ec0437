// `node test/docs/run-page.ts PAGE [--nodes N] [--show]`: runs the commands of a page, in their order and as they are, on a cluster that is made
// for it. With --show it prints what they printed, for who writes the page.
// Ports that a page names are nobody else's in a network of its own: see own-network.ts.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { startNodes } from '../cluster/node/start-nodes.ts';
import { root } from '../stage/stage.ts';
import { isAsPrinted, outputsOf, scriptOf, stepsOf } from './page-script.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { nodes: { type: 'string', default: '0' }, show: { type: 'boolean', default: false } },
});
const [page = ''] = positionals;
const marker = '::block';
const steps = stepsOf(readFileSync(join(root, page), 'utf8'));
const dir = mkdtempSync(join(tmpdir(), 'grantor-page-'));
const report = (line: string): void => console.error(`[${page}] ${line}`);

const controlPlane = await startControlPlane({ dir: join(dir, 'cluster'), report });
try {
  const count = Number(values.nodes);
  if (count > 0) await startNodes(controlPlane, { count, report });
  const { output, code } = await run(scriptOf(steps, marker), controlPlane);
  process.exitCode = judge(output, code) ? 0 : 1;
} finally {
  await controlPlane.stop();
  rmSync(dir, { recursive: true, force: true });
}

/** Runs a script where kubectl and the cluster are those of the page, and ends everything that it left running. */
async function run(script: string, { adminKubeconfig, kubectl }: ControlPlane) {
  const [programs, logs] = [join(dir, 'programs'), join(dir, 'logs')];
  for (const folder of [programs, logs]) mkdirSync(folder);
  symlinkSync(kubectl, join(programs, 'kubectl'));
  writeFileSync(join(dir, 'page.sh'), script);
  // An answer of kubectl that is written by the page changes no other file than this one.
  writeFileSync(join(dir, 'kubeconfig'), readFileSync(adminKubeconfig), { mode: 0o600 });
  const shell = spawn('bash', [join(dir, 'page.sh')], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
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

/** Tells what each block did; false if one failed or printed something else than the page says. */
function judge(output: string, code: number | null): boolean {
  const outputs = outputsOf(output, marker);
  for (const { block, prints } of steps) {
    const printed = outputs.get(String(block.line));
    const last = [...outputs.keys()].at(-1) === String(block.line);
    const verdict =
      printed === undefined
        ? 'not reached'
        : last && code !== 0
          ? `failed with exit code ${code}`
          : prints !== undefined && !isAsPrinted(prints, printed)
            ? `did not print what the page says:\n${prints}\n`
            : 'ran';
    console.log(`${page}:${block.line} ${verdict}`);
    if ((values.show || verdict !== 'ran') && printed !== undefined) console.log(printed.trimEnd());
    if (verdict !== 'ran') return false;
  }
  return code === 0;
}
