import { parseArgs } from 'node:util';

export interface SoakFlags {
  readonly minutes: number;
  readonly seed: number;
}

const usage = `usage: node bench/soak.ts [--minutes N] [--seed N]

  A thousand bindings whose tokens live two minutes are born at once and live through faults and leaders that are killed: a real
  control plane, the embedded issuer, two controllers, and proxies in between that spoil what they say to each other.

  --minutes N   how long, at least 4 (default: 10)
  --seed N      which faults, in which order and how long (default: by chance; it is printed)
  -h, --help    this text

  Ends with 1 when a bar is missed. The last line is the figures as JSON.`;

/** Ends the program with a word on how to call it if need be. */
export function readFlags(): SoakFlags {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '10' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
    if (!(minutes >= 4)) throw new Error('--minutes takes a number of at least 4');
    if (!Number.isSafeInteger(seed)) throw new Error('--seed takes a whole number');
    return { minutes, seed };
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}
