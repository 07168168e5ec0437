import { rotateAnnotation } from '../../api/metadata.ts';
import { oauthClientKind } from '../../api/oauth-client.ts';
import type { Duration } from '../../std/duration.ts';
import { seconds } from '../../std/duration.ts';
import { between, formatInstant } from '../../std/instant.ts';
import { err, ok } from '../../std/result.ts';
import { annotate } from '../annotate.ts';
import { awaitState } from '../await-state.ts';
import type { Outcome } from '../complaint.ts';
import { findObject } from '../find-object.ts';
import { parseReference } from '../object-name.ts';
import type { Session } from '../session.ts';
import { rotationObjection, rotationStage } from './rotation-stage.ts';

export interface RotateFlags {
  readonly wait: boolean;
  readonly timeout: Duration;
}

/** The time in which a controller that works has looked at the annotation. */
const answer = seconds(3);

/** `kubectl grantor rotate oauthclient/NAME`: asks for a new credential, and waits until the client has it. */
export async function rotate(session: Session, { wait, timeout }: RotateFlags, name: string): Outcome {
  const wanted = parseReference(name);
  if (!wanted.ok) return wanted;
  if (wanted.value.kind !== oauthClientKind)
    return err({
      exit: 'usage',
      message: `a ${wanted.value.kind.kind} has no credential`,
      remedy: 'name an oauthclient; tokens are renewed by themselves',
    });
  const found = await findObject(session, oauthClientKind, wanted.value.name);
  if (!found.ok) return found;
  const before = found.value;
  const objection = rotationObjection(before);
  if (objection !== undefined) return err(objection);
  const asked = session.clock.now();
  const annotated = await annotate(session, oauthClientKind, before.metadata, {
    [rotateAnnotation]: formatInstant(asked),
  });
  if (!annotated.ok) return annotated;
  const { terminal } = session;
  if (!wait) {
    terminal.out(`oauthclient/${before.metadata.name}: rotation asked for`);
    return ok('fine');
  }
  const done = await awaitState(session, timeout, async () => {
    const now = await findObject(session, oauthClientKind, before.metadata.name);
    if (!now.ok) return now;
    return ok(rotationStage(before, now.value, between(asked, session.clock.now()) >= answer));
  });
  if (!done.ok) return done;
  const { since, formerUntil } = done.value;
  terminal.out(
    `oauthclient/${before.metadata.name}: new credential since ${since}${formerUntil === undefined ? '' : `; the former one stays valid until ${formerUntil}`}`,
  );
  return ok('fine');
}
