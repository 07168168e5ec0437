import { createInterface } from 'node:readline/promises';
import type { Terminal } from '../../kubectl/terminal.ts';

/** The terminal that the program runs in. NO_COLOR and FORCE_COLOR say what they say everywhere. */
export function processTerminal({ stdin, stdout, stderr, env }: NodeJS.Process): Terminal {
  // Whoever reads has seen enough: `| head`.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    status: (text) => void stderr.write(text),
    renew: () => {
      if (stdout.isTTY) stdout.write('\u001b[H\u001b[2J');
    },
    interactive: stderr.isTTY,
    colours: env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : stdout.isTTY && !env['NO_COLOR'],
    async ask(question) {
      if (!stdin.isTTY) return undefined;
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
  };
}
