import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds } from '../../src/std/duration.ts';
import type { Report } from '../../test/provision/progress.ts';
import { drawFaults, type FaultName, faults, type Ground } from './faults.ts';
import type { Span } from './time-line.ts';

/** A fault that was. Its span has the time in it that recovering may take. */
export interface FaultWindow extends Span {
  readonly name: FaultName;
}

/** Faults last 5 to 20 s: with the recovery, less than the 30 % of a token's life that is left when it is renewed. */
const [shortest, longest] = [5_000, 20_000];
/** After a fault is mended: until a breaker asks again (10 s) and the last has waited for its next try (9 s), and for those who queue then. */
const recovery = 25_000;
const quiet = 30_000;

export interface SpoilOptions {
  readonly ground: Ground;
  readonly random: () => number;
  /** Milliseconds since the Unix epoch; the last recovery is over by then. */
  readonly until: number;
  readonly stopped: AbortSignal;
  readonly report: Report;
  /** Grows while faults happen, so that whoever shows progress can look at it. */
  readonly windows: FaultWindow[];
}

/** Spoils one thing after the other, with quiet times in between in which nothing is wrong. */
export async function spoil(options: SpoilOptions): Promise<void> {
  const { ground, random, until, stopped, report, windows } = options;
  for (const name of drawFaults(random)) {
    const lasting = shortest + random() * (longest - shortest);
    await sleep(systemClock, milliseconds(quiet), stopped);
    const from = Date.now();
    if (stopped.aborted || from + longest + recovery > until) return;
    const window = { name, from, to: Infinity };
    windows.push(window);
    report(`fault: ${name}`);
    await faults[name](ground, milliseconds(lasting), stopped);
    window.to = Date.now() + recovery;
    report(`mended after ${((Date.now() - from) / 1000).toFixed(1)} s`);
    await sleep(systemClock, milliseconds(recovery), stopped);
  }
}
