import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { withProgress } from './progress.ts';

export interface ProgramRun {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called every few seconds with the number of lines that were printed so far. */
  readonly tick: (lines: number, elapsed: string) => void;
}

/** Runs a program to its end; answers with the last lines that it printed if it fails. */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env = process.env, tick }: ProgramRun,
): Promise<string | undefined> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<string | undefined>((resolve) => {
    child.once('close', (code) => resolve(code === 0 ? undefined : `exit code ${code}`));
    child.once('error', ({ message }) => resolve(message));
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on('line', (line) => lines.push(line));
  const failure = await withProgress(
    (elapsed) => tick(lines.length, elapsed),
    () => closed,
  );
  return failure && (lines.slice(-5).join(' | ') || failure);
}
