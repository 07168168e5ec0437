// `make check`: runs the checkers at once and prints what each has to say. Ends with 1 when one complains.
import { spawn } from 'node:child_process';

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const checks: readonly Check[] = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '.'] },
  { name: 'format', command: ['biome', 'check', '--log-level=warn', '.'] },
  { name: 'dead code', command: ['knip'] },
  {
    name: 'architecture',
    command: ['vitest', 'run', '--project', 'unit', 'test/architecture', '--reporter=dot'],
  },
  { name: 'generated files', command: ['node', 'tools/generate.ts', '--check'] },
];

function run({ name, command: [program, ...args] }: Check): Promise<boolean> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const end = (good: boolean): void => {
      const took = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${good ? 'ok    ' : 'FAILED'} ${name} (${took} s)`);
      if (!good) console.log(output.trimEnd());
      resolve(good);
    };
    child.on('error', (error) => {
      output += error.message;
      end(false);
    });
    child.on('close', (code) => end(code === 0));
  });
}

const results = await Promise.all(checks.map(run));
process.exitCode = results.every(Boolean) ? 0 : 1;
