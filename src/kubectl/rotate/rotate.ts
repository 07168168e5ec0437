import { rotateAnnotation } from '../../api/metadata.ts';
import { oauthClientKind } from '../../api/oauth-client.ts';
import { seconds } from '../../std/duration.ts';
import { between, formatInstant } from '../../std/instant.ts';
import { err } from '../../std/result.ts';
import { annotate } from '../annotate.ts';
import type { Outcome } from '../complaint.ts';
import { findObject } from '../find-object.ts';
import { parseReference } from '../object-name.ts';
import type { Session } from '../session.ts';
import { tellOnceDone, type WaitFlags } from '../tell-once-done.ts';
import { rotationObjection, rotationStage } from './rotation-stage.ts';

/** The time in which a controller that works has looked at the annotation. */
const answer = seconds(3);

/** `kubectl grantor rotate oauthclient/NAME`: asks for a new credential, and waits until the client has it. */
export async function rotate(session: Session, flags: WaitFlags, name: string): Outcome {
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
  return tellOnceDone(session, flags, {
    ...{ what: 'rotation', kind: oauthClientKind, name: before.metadata.name },
    stage: (now) => rotationStage(before, now, between(asked, session.clock.now()) >= answer),
  });
}
