import type { ClusterKey } from '../../domain/held-keys.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { isObject } from '../is-object.ts';
import type { Fetch } from '../issuer-fetch.ts';
import { type AdminAPI, isMissing, refusedWith, senseless } from './admin-api.ts';

/*
 * Whom Hydra trusts (RFC 7523 section 2.1): one row for each cluster, subject and key. A row is not bound to a client, cannot be changed, and goes only
 * with all others of its key: Hydra deletes the key with it. What its `expires_at` says counts for nothing where the assertion names its key, as all
 * ServiceAccount tokens do.
 */

export interface TrustRow {
  readonly id: string;
  readonly subject: string;
  /** Which scopes may be asked for with an assertion of this subject, by any client. */
  readonly scopes: readonly string[];
  readonly keyID: string;
}

const path = '/admin/trust/grants/jwt-bearer/issuers' as const;
const listing = 'list of trusted keys';
const adding = 'trust in a key of the cluster';
/** A row is some 250 bytes. */
const pageSize = 100;

/** Every row of a cluster. */
export async function listRows(
  api: AdminAPI,
  issuer: string,
  fetch: Fetch,
): Promise<Result<readonly TrustRow[], IssuerFailure>> {
  const rows: TrustRow[] = [];
  let next: string | undefined = '';
  while (next !== undefined) {
    const query = new URLSearchParams({
      issuer,
      page_size: String(pageSize),
      ...(next && { page_token: next }),
    });
    const answer = await api(fetch, { what: listing, method: 'GET', path: `${path}?${query.toString()}` });
    if (answer.status !== 200) return err(refusedWith(answer, listing));
    if (!Array.isArray(answer.body)) return err(senseless(listing));
    rows.push(...answer.body.map(rowIn).filter((row) => row !== undefined));
    // Hydra counts the rows of other clusters too, and names pages that are empty.
    next = answer.body.length > 0 ? answer.next : undefined;
  }
  return ok(rows);
}

function rowIn(body: unknown): TrustRow | undefined {
  if (!isObject(body)) return undefined;
  const { id, subject, scope, public_key: key } = body;
  const keyID = isObject(key) ? key['kid'] : undefined;
  if (typeof id !== 'string' || typeof subject !== 'string' || typeof keyID !== 'string') return undefined;
  return { id, subject, scopes: Array.isArray(scope) ? scope.map(String) : [], keyID };
}

/** Hydra's column has an end, and what it says counts for nothing. */
const never = '2100-01-01T00:00:00Z';

/** Adds a row. `exists` where there is one for this subject and key, whatever its scopes. */
export async function addRow(
  api: AdminAPI,
  issuer: string,
  key: ClusterKey,
  { subject, scopes }: Pick<TrustRow, 'subject' | 'scopes'>,
  fetch: Fetch,
): Promise<Result<'added' | 'exists', IssuerFailure>> {
  const body = { issuer, subject, scope: scopes, jwk: key, expires_at: never };
  const answer = await api(fetch, { what: adding, method: 'POST', path, body });
  if (answer.status === 201) return ok('added');
  return answer.status === 409 ? ok('exists') : err(refusedWith(answer, adding));
}

/** Takes a row away, and with it every other of its key. */
export async function dropKeyOf(
  api: AdminAPI,
  { id }: TrustRow,
  fetch: Fetch,
): Promise<Result<void, IssuerFailure>> {
  const what = 'end of the trust in a key of the cluster';
  const answer = await api(fetch, { what, method: 'DELETE', path: `${path}/${encodeURIComponent(id)}` });
  return answer.status === 204 || isMissing(answer) ? ok(undefined) : err(refusedWith(answer, what));
}
