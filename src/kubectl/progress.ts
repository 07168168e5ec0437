import { seconds, toSeconds } from '../std/duration.ts';
import { between } from '../std/instant.ts';
import type { Session } from './session.ts';

const patience = seconds(1);

/** Runs `work`; what takes longer than a second tells a person what it is, and for how long, and leaves no trace. */
export async function withProgress<T>(
  { clock, terminal }: Pick<Session, 'clock' | 'terminal'>,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!terminal.interactive) return work();
  const began = clock.now();
  let cancel = (): void => {};
  let shown = false;
  const tick = (): void => {
    shown = true;
    terminal.status(`\r\u001b[K${what} … ${toSeconds(between(began, clock.now()))} s`);
    cancel = clock.after(seconds(1), tick);
  };
  cancel = clock.after(patience, tick);
  try {
    return await work();
  } finally {
    cancel();
    if (shown) terminal.status('\r\u001b[K');
  }
}
