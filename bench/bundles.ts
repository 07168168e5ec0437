// `node bench/bundles.ts`: what each subcommand loads of the bundle, how long that takes and how much memory it is. See docs/image.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { align } from '../test/stage/align.ts';
import { bundleProgram } from '../tools/bundle/bundle-program.ts';
import { loadedBy, subcommands } from '../tools/bundle/loaded.ts';
import { sources } from './as-shipped.ts';

const runs = 9;
const program = 'src/cmd/grantor.ts';
const { nodeArgs, env } = sources();
const dir = mkdtempSync(join(tmpdir(), 'grantor-bundles-'));
try {
  const { files, metafile } = await bundleProgram();
  mkdirSync(join(dir, 'dist'));
  for (const [name, content] of files) writeFileSync(join(dir, 'dist', name), content);
  const sizes = (modules: readonly string[]): string[] => {
    const { bytes, packages } = loadedBy(metafile, modules);
    return [`${Math.round(bytes / 1024)} KiB`, `${packages.length}`];
  };
  const row = (name: string, modules: readonly string[]): string[] => [
    name,
    ...sizes(modules),
    ...measure(['--input-type=module', '--eval', modules.map(load).join('')]),
  ];
  const rows = [
    ['', 'code', 'packages', 'start', 'memory'],
    ['Node.js alone', '', '', ...measure(['--eval', '0'])],
    ['grantor --help', ...sizes([program]), ...measure([join(dir, 'dist/grantor.js'), '--help'])],
    ...Object.entries(subcommands).map(([name, module]) => row(`grantor ${name}`, [program, module])),
    row('controller, traced', [program, subcommands.controller, 'src/telemetry/open-telemetry.ts']),
  ];
  console.log(align(rows).join('\n'));

  /** Without running it: what it would find in its flags is not there. */
  function load(module: string): string {
    const own = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === module);
    const parts = own?.[1].imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    const all = module === program ? (parts ?? []).map(({ path }) => path) : [own?.[0] ?? ''];
    return all.map((path) => `await import('${pathToFileURL(join(dir, path)).href}');`).join('');
  }
} finally {
  rmSync(dir, { recursive: true });
}

/** The median of several starts to their end, and of their highest RSS. */
function measure(args: readonly string[]): string[] {
  const tell = `process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)));`;
  const all = Array.from({ length: runs }, () => {
    const begin = performance.now();
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(tell)}`];
    const { stderr } = spawnSync(process.execPath, [...nodeArgs, ...preload, ...args], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    return { took: performance.now() - begin, kibibytes: Number(stderr) };
  });
  const median = (of: (run: (typeof all)[number]) => number): number =>
    all.map(of).sort((one, other) => one - other)[runs >> 1] ?? 0;
  return [
    `${Math.round(median(({ took }) => took))} ms`,
    `${Math.round(median(({ kibibytes }) => kibibytes) / 1024)} MiB`,
  ];
}
