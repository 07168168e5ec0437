import type { Complaint } from './complaint.ts';
import { type ObjectReference, shown } from './object-name.ts';
import type { Session } from './session.ts';

/** An object that somebody named is not there. */
export const noSuchObject = (
  { kind, name }: ObjectReference,
  { namespace }: Pick<Session, 'namespace'>,
): Complaint => {
  const place = kind.namespaced && namespace !== undefined ? ` in namespace ${namespace}` : '';
  return {
    exit: 'notFound',
    message: `there is no ${shown(kind.kind, name)}${place}`,
    remedy: `see: kubectl get ${kind.plural}${kind.namespaced ? ' -A' : ''}`,
  };
};
