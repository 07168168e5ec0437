import { spawn } from 'node:child_process';

export interface Asked {
  readonly env: NodeJS.ProcessEnv;
  /** What it reads; an object as JSON. */
  readonly input?: object | string | undefined;
}

/** Runs a program; answers with what it printed, and throws with what it complained of. */
export const answerOf = (
  [program, ...args]: readonly [string, ...string[]],
  { env, input }: Asked,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { env });
    const out: Buffer[] = [];
    const complaints: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else {
        const name = program.slice(program.lastIndexOf('/') + 1);
        reject(new Error(`${name} ${args.join(' ')}: ${Buffer.concat(complaints).toString().trim()}`));
      }
    });
    // Whoever complains of its arguments reads nothing.
    child.stdin.on('error', () => {});
    child.stdin.end(typeof input === 'object' ? JSON.stringify(input) : input);
  });
