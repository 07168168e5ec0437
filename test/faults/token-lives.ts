import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds } from '../../src/std/duration.ts';
import type { look } from '../e2e/look.ts';

/** The life that tokens had left at the worst moment, in seconds. */
export interface TokenLives {
  /** Ends looking. `looks` says how often all were seen. */
  stop(): Promise<{ readonly smallest: number; readonly looks: number }>;
}

const between = milliseconds(250);

/** Looks again and again at Secrets with tokens, as their workloads would, past the proxy. One that is not there has no life. */
export function followTokenLives(see: ReturnType<typeof look>, secrets: readonly string[]): TokenLives {
  const stop = new AbortController();
  let smallest = Infinity;
  let looks = 0;
  const followed = (async () => {
    while (await sleep(systemClock, between, stop.signal)) {
      const contents = await Promise.all(secrets.map((key) => see.content(key)));
      const now = systemClock.now();
      smallest = Math.min(
        smallest,
        ...contents.map((content) => (Date.parse(content?.['expires_at'] ?? '') - now) / 1000 || 0),
      );
      looks += 1;
    }
  })();
  return {
    async stop() {
      stop.abort();
      await followed;
      return { smallest, looks };
    },
  };
}
