import { readMark } from '../domain/mark.ts';
import { sha256 } from '../std/digest.ts';

/*
 * Where clients are managed by Grantor's own login, their ids are chosen here: the same for an OAuthClient of this cluster, namespace and
 * name for ever, so that a registration whose answer was lost is found again, and so that a restored cluster finds its own.
 */

/** Whom a mark speaks of but for the UID, which is another in a restored cluster; undefined for what is no mark of Grantor's. */
const holderOf = (mark: string): string | undefined => readMark(mark) && mark.slice(0, mark.lastIndexOf(':'));

/** Readable, and unlike any other: no two clusters, namespaces or names have the same. At most 125 characters. */
export function chosenClientID(mark: string): string {
  const { namespace = '', name = '' } = readMark(mark) ?? {};
  // Base64url becomes lower-case letters and digits, which every server takes for an id.
  const digest = Buffer.from(sha256(holderOf(mark) ?? mark), 'base64url')
    .toString('hex')
    .slice(0, 12);
  return `grantor-${namespace}-${name.slice(0, 40)}-${digest}`;
}

/** The tenant of a client that has no rights. */
const nobody = 'withdrawn';

/** A client that an issuer holds, or that is wanted there, and the tenant whose rights it has. */
interface Claim {
  readonly mark: string;
  readonly tenantID: string;
}

/**
 * Whether a client that is found under the id of a wanted one is its own: it bears the same mark, or that of a predecessor with the same
 * name, which is gone. Rights never go from one tenant to another this way; none at all are no tenant's.
 */
export function isOwn(found: Claim, wanted: Claim): boolean {
  if (found.mark === wanted.mark) return true;
  const tenants = new Set([found.tenantID, wanted.tenantID].filter((tenant) => tenant !== nobody));
  return (
    tenants.size < 2 && holderOf(wanted.mark) !== undefined && holderOf(found.mark) === holderOf(wanted.mark)
  );
}
