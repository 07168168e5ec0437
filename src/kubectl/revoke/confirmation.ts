import { err, ok, type Result } from '../../std/result.ts';
import type { Complaint } from '../complaint.ts';
import type { Session } from '../session.ts';

/** Asks a person whether this is meant; where nobody sits there, only `--yes` says so. */
export async function confirmed(
  { terminal }: Pick<Session, 'terminal'>,
  what: string,
  yes: boolean,
): Promise<Result<void, Complaint>> {
  if (yes) return ok(undefined);
  const answer = await terminal.ask(`${what} Continue? [y/N] `);
  if (answer === undefined)
    return err({
      exit: 'usage',
      message: 'nobody is here to confirm it',
      remedy: 'say --yes if it is meant',
    });
  return /^y(es)?$/i.test(answer.trim())
    ? ok(undefined)
    : err({ exit: 'usage', message: 'not confirmed, nothing was done', remedy: 'answer y if it is meant' });
}
