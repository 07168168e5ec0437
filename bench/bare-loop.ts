import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { BareFollowing } from './bare/follow.ts';
import type { Scene } from './scene.ts';

/** Runs bench/bare/NAME.ts as a process of its own; answers with what it printed and how many seconds it took in all. */
export async function runBareLoop(
  name: 'rotate' | 'follow' | 'withdraw',
  args: readonly string[],
): Promise<{ readonly output: string; readonly took: number }> {
  const started = performance.now();
  const program = join(import.meta.dirname, 'bare', `${name}.ts`);
  const child = spawn(process.execPath, ['--expose-gc', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the bare loop ended with ${code}`);
  return { output, took: (performance.now() - started) / 1000 };
}

/** Lists everything that the controller lists. */
export async function followBare(
  { server, pod }: Scene,
  ...flags: readonly string[]
): Promise<BareFollowing & { readonly took: number }> {
  const { output, took } = await runBareLoop('follow', ['--server', server, '--pod', pod, ...flags]);
  return { ...(JSON.parse(output) as BareFollowing), took };
}
