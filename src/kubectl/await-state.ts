import { sleep } from '../std/clock.ts';
import { type Duration, formatDuration, seconds, toSeconds } from '../std/duration.ts';
import { between, plus } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Complaint } from './complaint.ts';
import type { Session } from './session.ts';

/** What one look at something that is waited for showed. */
export type Stage =
  /** In words, what came of it. */
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'failed'; readonly complaint: Complaint }
  /** In words, for whoever waits. */
  | { readonly kind: 'waiting'; readonly text: string };

const pause = seconds(1);

/** Looks each second until it is done, cannot come about, or `timeout` is over. Tells a person how far it is. */
export async function awaitState(
  session: Session,
  timeout: Duration,
  look: () => Promise<Result<Stage, Complaint>>,
): Promise<Result<string, Complaint>> {
  const { clock, terminal, stop } = session;
  const began = clock.now();
  const tell = (text: string): void => {
    if (terminal.interactive) terminal.status(`\r\u001b[K${text}`);
  };
  try {
    for (;;) {
      const seen = await look();
      if (!seen.ok && seen.error.exit !== 'unreachable') return seen;
      const stage: Stage = seen.ok ? seen.value : { kind: 'waiting', text: seen.error.message };
      if (stage.kind === 'done') return ok(stage.text);
      if (stage.kind === 'failed') return err(stage.complaint);
      const isLate = plus(began, timeout) <= clock.now();
      if (isLate || !(await sleep(clock, pause, stop)))
        return err({
          exit: 'timeout',
          message: `not done ${isLate ? `within ${formatDuration(timeout)}` : 'when it was interrupted'}: ${stage.text}`,
          remedy: 'it goes on by itself: look again with kubectl grantor explain',
        });
      tell(`${stage.text} … ${toSeconds(between(began, clock.now()))} s`);
    }
  } finally {
    tell('');
  }
}
