import type { Kind, ObjectOf } from '../api/kind.ts';
import type { Duration } from '../std/duration.ts';
import { ok } from '../std/result.ts';
import { awaitState, type Stage } from './await-state.ts';
import type { Outcome } from './complaint.ts';
import { findObject } from './find-object.ts';
import { shown } from './object-name.ts';
import type { Session } from './session.ts';

export interface WaitFlags {
  readonly wait: boolean;
  readonly timeout: Duration;
}

/** What was asked for of an object. */
interface Asked<K extends Kind> {
  readonly what: string;
  readonly kind: K;
  readonly name: string;
  /** How far it is, by the object as it is now. */
  readonly stage: (now: ObjectOf<K>) => Stage;
}

/** Ends a command that asked the controller for something: says so, or waits until it is done and says what came of it. */
export async function tellOnceDone<K extends Kind>(
  session: Session,
  { wait, timeout }: WaitFlags,
  { what, kind, name, stage }: Asked<K>,
): Outcome {
  const tell = (text: string): void => session.terminal.out(`${shown(kind.kind, name)}: ${text}`);
  if (!wait) {
    tell(`${what} asked for`);
    return ok('fine');
  }
  const done = await awaitState(session, timeout, async () => {
    const now = await findObject(session, kind, name);
    return now.ok ? ok(stage(now.value)) : now;
  });
  if (!done.ok) return done;
  tell(done.value);
  return ok('fine');
}
