import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds } from '../../src/std/duration.ts';
import type { Controller, Stage } from '../../test/stage/stage.ts';

/** Two controllers, one of which leads. One that ends is replaced, as a Deployment would. */
export interface Replicas {
  /** Undefined while none leads, or says so. */
  leader(): Promise<Controller | undefined>;
  /** Ends the leader, starts another replica, and waits until one leads. */
  endLeader(signal: 'SIGTERM' | 'SIGKILL', stopped: AbortSignal): Promise<void>;
  /** Replaces those that ended by themselves, and answers how many did so far. */
  tend(): Promise<number>;
}

const looksAgainAfter = milliseconds(250);

export async function startReplicas(stage: Stage): Promise<Replicas> {
  const running = new Set([await stage.startController(), await stage.startController()]);
  let ended = 0;

  const leader = async (): Promise<Controller | undefined> => {
    for (const replica of running) if (await leads(replica)) return replica;
    return undefined;
  };
  const someoneLeads = async (stopped: AbortSignal): Promise<Controller | undefined> => {
    for (;;) {
      const found = await leader();
      if (found !== undefined || stopped.aborted) return found;
      await sleep(systemClock, looksAgainAfter, stopped);
    }
  };
  const replace = async (replica: Controller): Promise<void> => {
    running.delete(replica);
    running.add(await stage.startController());
  };
  return {
    leader,
    async endLeader(signal, stopped) {
      const found = await someoneLeads(stopped);
      if (found === undefined) return;
      running.delete(found);
      const gone = found.program.end(signal);
      await Promise.all([gone, replace(found)]);
      await someoneLeads(stopped);
    },
    async tend() {
      for (const replica of running) {
        if (replica.program.running) continue;
        ended += 1;
        await replace(replica);
      }
      return ended;
    },
  };
}

async function leads({ probes }: Controller): Promise<boolean> {
  try {
    const page = await fetch(`${probes}/metrics`, { signal: AbortSignal.timeout(5000) });
    return /^leader_election_master_status\{.*\} 1$/m.test(await page.text());
  } catch {
    return false;
  }
}
