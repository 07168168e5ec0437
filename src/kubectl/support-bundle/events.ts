import { eventKind } from '../../kube/core-kinds.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { err, ok } from '../../std/result.ts';
import { listAll } from '../list-all.ts';
import type { Session } from '../session.ts';
import type { Piece } from './collect.ts';
import { objectsFile } from './objects-file.ts';
import { plainObject } from './plain-object.ts';

interface Event extends KubeObject {
  readonly involvedObject?: { readonly apiVersion?: string; readonly name?: string };
  readonly reportingComponent?: string;
}

const isAboutOurs = ({ involvedObject, reportingComponent }: Event): boolean =>
  involvedObject?.apiVersion?.startsWith('grantor.dev/') === true ||
  reportingComponent?.includes('grantor') === true;

/** Events about our objects. */
export const ourEvents = (session: Session, namespace: string | undefined): Promise<Piece> =>
  events(session, namespace, 'events', isAboutOurs);

/** Those in our own namespace, also about all that the chart installs: each name there begins with `grantor-`. */
export const eventsAtHome = (session: Session, home: string): Promise<Piece> =>
  events(
    session,
    home,
    'events-of-grantor',
    (event) => isAboutOurs(event) || event.involvedObject?.name?.startsWith('grantor-') === true,
  );

async function events(
  session: Session,
  namespace: string | undefined,
  file: string,
  isWanted: (event: Event) => boolean,
): Promise<Piece> {
  const found = await listAll<Event>(session, eventKind, namespace);
  return found.ok
    ? ok(objectsFile(file, found.value.filter(isWanted).map(plainObject)))
    : err(found.error.message);
}
