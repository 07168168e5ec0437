import { sleep } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import { ok, type Result } from '../std/result.ts';
import type { Complaint, Outcome } from './complaint.ts';
import type { Exit } from './exit-codes.ts';
import type { Session } from './session.ts';

/** What one look gave: how it would end, and how it is printed. */
export interface Look {
  readonly exit: Exit;
  readonly print: () => void;
  /** Equal for two looks that a reader need not tell apart; a look without one is always printed. */
  readonly fingerprint?: string;
}

/** Between two looks: a list of everything is not asked for more often. */
const pause = seconds(2);

/**
 * Looks once, or with `--watch` again and again until Ctrl-C, and prints what is new. An API server that is away for a while is told on
 * standard error and asked again; whoever is refused is told so at once.
 */
export async function whileWatched(
  session: Session,
  watch: boolean,
  look: () => Promise<Result<Look, Complaint>>,
): Outcome {
  let last: { readonly exit: Exit; readonly fingerprint?: string } | undefined;
  for (;;) {
    const seen = await look();
    if (session.stop.aborted) return ok(last?.exit ?? 'fine');
    if (!seen.ok && (!watch || last === undefined || seen.error.exit !== 'unreachable')) return seen;
    if (!seen.ok) session.terminal.err(`${seen.error.message}; trying again`);
    else {
      const { exit, print, fingerprint } = seen.value;
      if (last === undefined || fingerprint === undefined || fingerprint !== last.fingerprint) {
        if (watch) session.terminal.renew();
        print();
      }
      if (!watch) return ok(exit);
      last = { exit, ...(fingerprint === undefined ? {} : { fingerprint }) };
    }
    if (!(await sleep(session.clock, pause, session.stop))) return ok(last?.exit ?? 'fine');
  }
}
