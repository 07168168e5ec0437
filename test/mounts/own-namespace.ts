import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

const root = join(import.meta.dirname, '../..');

/** A mount namespace in which mounts are shared, as below the kubelet's folder on a node, but with nobody outside. */
const inOwnNamespace = (...argv: readonly string[]): [string, ...string[]] => [
  'unshare',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'mount --make-rshared / && exec "$0" "$@"',
  ...argv,
];

/** Why nothing can be mounted here; undefined where it can. */
export function whyNoMounts(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'mounting needs root on Linux: these tests are skipped';
  const [program, ...args] = inOwnNamespace('true');
  try {
    execFileSync(program, args, { stdio: 'pipe', timeout: 10_000 });
    return undefined;
  } catch (error) {
    return `no mount namespace of our own can be made here (${String(error).split('\n')[0]}): these tests are skipped`;
  }
}

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

export interface MountTestResult {
  readonly name: string;
  readonly status: string;
  readonly failures: readonly string[];
}

/** Runs a file of the project `mounts` in a mount namespace of its own, which ends with it, whatever is still mounted then. */
export async function runInOwnNamespace(file: string): Promise<readonly MountTestResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'grantor-mounts-'));
  try {
    const report = join(folder, 'report.json');
    const [program, ...args] = inOwnNamespace(
      process.execPath,
      join(root, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--project', 'mounts', '--reporter=json', `--outputFile.json=${report}`, file],
    );
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, GRANTOR_TEST_MOUNTS: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (printed += String(chunk)));
    await once(child, 'close');
    let text: string;
    try {
      text = readFileSync(report, 'utf8');
    } catch {
      throw new Error(`no report of ${file}:\n${printed}`);
    }
    const { testResults } = reportSchema.parse(JSON.parse(text));
    const results = testResults.flatMap(({ name, message = '', assertionResults }) =>
      assertionResults.length === 0
        ? [{ name: `${name} can be run`, status: 'failed', failures: [message] }]
        : assertionResults.map(({ fullName, status, failureMessages }) => ({
            name: fullName,
            status,
            failures: failureMessages,
          })),
    );
    if (results.length === 0) throw new Error(`no test was run in ${file}:\n${printed}`);
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
