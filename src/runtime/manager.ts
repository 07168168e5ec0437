import { aborted, type Clock, sleep } from '../std/clock.ts';
import { type Duration, formatDuration, seconds } from '../std/duration.ts';
import type { Controller } from './controller.ts';
import type { Informer, InformerHealth } from './informer.ts';
import type { LeaderElector, Term } from './leader.ts';
import { errorText, type Log } from './log.ts';

/** Something that runs until it is told to stop, and rejects if it can't run at all. */
export interface Runnable {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

export interface ManagerOptions {
  /** Run from the first moment to the last: probes, metrics, credential refreshers. */
  readonly servers: readonly Runnable[];
  readonly informers: readonly Pick<Informer<never>, 'name' | 'health' | 'synced' | 'run' | 'relist'>[];
  /** Without one this process always leads: for development, and for programs that don't write. */
  readonly elector?: LeaderElector;
  readonly controllers: readonly Pick<Controller, 'name' | 'run' | 'drain'>[];
  readonly clock: Clock;
  readonly log: Log;
  /** How long work in hand may take to end when the program stops; 10 s unless said otherwise. */
  readonly stopWithin?: Duration;
}

/** Whether the program can do its work, and if not, each reason in a sentence. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export interface Manager {
  /**
   * Starts servers, then informers; waits until all are synced; waits to lead; then runs the controllers, again and again if
   * leadership comes and goes. When `signal` aborts, everything stops in the reverse order. Rejects only if a part broke.
   */
  run(signal: AbortSignal): Promise<void>;
  /** For `/readyz`. One that waits to lead is ready. */
  readiness(): Readiness;
  readonly leading: boolean;
}

/** Of a program with a single process: it leads for ever. */
const endlessTerm = (): Term => ({ signal: new AbortController().signal, release: () => Promise.resolve() });

/** What ignores that it must stop is not waited for any longer than this. */
const lastGrace = seconds(2);

export function createManager(options: ManagerOptions): Manager {
  const { informers, controllers, servers, elector, clock, log, stopWithin = seconds(10) } = options;
  let stopping = false;
  let leading = false;

  /** Runs the controllers until the term ends, which cuts them off, or until `stop`, which lets them finish what they have begun. */
  const serve = async (term: AbortSignal, stop: AbortSignal, start: Start): Promise<void> => {
    const cut = new AbortController();
    const running = Promise.all(
      controllers.map((controller) => start(controller, AbortSignal.any([term, cut.signal]))),
    );
    leading = true;
    await Promise.race([aborted(term), aborted(stop)]);
    leading = false;
    if (!term.aborted) {
      const drained = Promise.all(controllers.map((controller) => controller.drain()));
      if (!(await within(clock, stopWithin, drained, term))) {
        log.warn({ after: formatDuration(stopWithin) }, 'work in hand is cut off');
      }
    }
    cut.abort();
    await within(clock, lastGrace, running);
  };

  const lead = async (stop: AbortSignal, start: Start): Promise<void> => {
    while (!stop.aborted) {
      const term = elector === undefined ? endlessTerm() : await elector.acquire(stop);
      if (term === undefined) return;
      await serve(term.signal, stop, start);
      await term.release();
    }
  };

  return {
    async run(signal) {
      const broken = new AbortController();
      const stop = AbortSignal.any([signal, broken.signal]);
      const start: Start = (part, until) =>
        part.run(until).catch((error: unknown) => {
          log.error({ part: part.name, error: errorText(error) }, 'a part of the program broke; stopping');
          broken.abort(error);
        });
      elector?.onRestored(() => {
        for (const informer of informers) informer.relist();
      });
      const stopInformers = new AbortController();
      const stopServers = new AbortController();

      const served = Promise.all(servers.map((server) => start(server, stopServers.signal)));
      const followed = Promise.all(informers.map((informer) => start(informer, stopInformers.signal)));
      await Promise.race([Promise.all(informers.map((informer) => informer.synced)), aborted(stop)]);
      await lead(stop, start);

      stopping = true;
      stopInformers.abort();
      await within(clock, lastGrace, followed);
      stopServers.abort();
      await within(clock, lastGrace, served);
      if (broken.signal.aborted) throw broken.signal.reason;
    },
    readiness() {
      const reasons = [
        ...(stopping ? ['the program is stopping'] : []),
        ...informers.flatMap(({ name, health }) => describeHealth(name, health())),
        ...describeElection(elector),
      ];
      return { ready: reasons.length === 0, reasons };
    },
    get leading() {
      return leading;
    },
  };
}

type Start = (part: Runnable, until: AbortSignal) => Promise<void>;

function describeHealth(name: string, { synced, problem }: InformerHealth): readonly string[] {
  if (!synced) return [`waiting for ${name} to sync${problem === undefined ? '' : `: ${problem}`}`];
  return problem === undefined ? [] : [`${name} may be out of date: ${problem}`];
}

function describeElection(elector: LeaderElector | undefined): readonly string[] {
  const problem = elector?.status().problem;
  return problem === undefined ? [] : [`the lease is out of reach: ${problem}`];
}

/** Waits for `work`, but not for longer than `limit` nor past the abort of `signal`. Says whether it ended. */
async function within(
  clock: Clock,
  limit: Duration,
  work: Promise<unknown>,
  signal?: AbortSignal,
): Promise<boolean> {
  const patience = new AbortController();
  const either = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal]);
  const ended = await Promise.race([work.then(() => true), sleep(clock, limit, either).then(() => false)]);
  patience.abort();
  return ended;
}
