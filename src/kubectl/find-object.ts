import { decode } from '../api/decode.ts';
import type { Kind, ObjectOf } from '../api/kind.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import { err, ok, type Result } from '../std/result.ts';
import { type Complaint, complaintOf } from './complaint.ts';
import { noSuchObject } from './no-such-object.ts';
import type { ObjectReference } from './object-name.ts';
import { boundsOf, type Session } from './session.ts';

/** One object of ours, or why it cannot be had. */
export async function findObject<K extends Kind>(
  session: Session,
  kind: K,
  name: string,
): Promise<Result<ObjectOf<K>, Complaint>> {
  const { namespace } = session;
  const at = { name, ...(kind.namespaced && namespace !== undefined ? { namespace } : {}) };
  if (kind.namespaced && namespace === undefined)
    return err({
      exit: 'usage',
      message: `${kind.kind} ${name} needs a namespace`,
      remedy: 'name it with -n',
    });
  const found = await session.kube.get(kind, at, boundsOf(session));
  if (!found.ok) {
    const { error } = found;
    // Where the kind is not served, the API server answers with a page, which names no object.
    const isThere = error.kind !== 'notFound' || error.message.includes(`"${name}"`);
    if (error.kind === 'notFound' && isThere) return err(noSuchObject({ kind, name }, session));
    return err(complaintOf(error, { verb: 'get', kind, ...(isThere ? { name } : {}), namespace }));
  }
  const decoded = decode(kind, found.value);
  if (decoded.ok) return ok(decoded.value);
  return err({
    exit: 'found',
    message: `${kind.kind} ${name} cannot be read: ${decoded.error}`,
    remedy: 'correct that field and apply the object again',
  });
}

/** An object of any of our kinds: its `kind` says which. */
export type AnyObject = OAuthIssuer | TenantScope | OAuthClient | WorkloadIdentityBinding;

/** The object that somebody named on a command line. */
export const findNamed = async (
  session: Session,
  { kind, name }: ObjectReference,
): Promise<Result<AnyObject, Complaint>> =>
  (await findObject(session, kind, name)) as Result<AnyObject, Complaint>;
