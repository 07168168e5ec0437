import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import type { Json } from '../../std/canonical-json.ts';
import { failure, IssuerFailureError, refusal } from '../classify.ts';
import { isObject } from '../is-object.ts';
import type { Fetch } from '../issuer-fetch.ts';
import type { AdminBearer } from './admin-bearer.ts';

/** One request to Hydra's admin API. */
export interface AdminRequest {
  /** For failures: `registration`. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the admin URL, its parts encoded. */
  readonly path: `/admin/${string}`;
  readonly body?: { readonly [member: string]: Json };
}

/** What came of it, unless that is a failure of whatever request it was. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
  /** `page_token` of the next page, where there is one. */
  readonly next?: string;
}

/** Asks the admin API. Throws what `fetch` throws. */
export type AdminAPI = (fetch: Fetch, request: AdminRequest) => Promise<AdminAnswer>;

/**
 * The admin API at a URL. It has no authentication of its own: whoever reaches it may do everything. What stands in front of it may want a
 * `bearer`.
 */
export function createAdminAPI(
  adminURL: string,
  bearer?: AdminBearer,
): AdminAPI & { readonly permits: (url: string) => boolean } {
  const base = adminURL.replace(/\/+$/, '');
  const authorization = async (): Promise<Readonly<Record<string, string>>> => {
    if (bearer === undefined) return {};
    const token = await bearer.token();
    if (!token.ok) throw new IssuerFailureError(token.error);
    return { authorization: `Bearer ${token.value.reveal()}` };
  };
  const ask: AdminAPI = async (fetch, { what, method, path, body }) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(base + path, {
      method,
      headers: { accept: 'application/json', ...json, ...(await authorization()) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status === 401 || response.status === 403) {
      bearer?.refused();
      throw new IssuerFailureError(
        failure('loginFailed', what, `what guards the admin API answered ${response.status}`),
      );
    }
    const next = nextPage(response.headers.get('link') ?? '');
    return { status: response.status, body: await jsonIn(response), ...(next === undefined ? {} : { next }) };
  };
  return Object.assign(ask, { permits: (url: string) => url.startsWith(`${base}/admin/`) });
}

/** RFC 8288: `<…?page_token=…>; rel="next"`. */
function nextPage(link: string): string | undefined {
  const [, query] = /<[^>]*\?([^>]*)>\s*;\s*rel="next"/.exec(link) ?? [];
  return query === undefined ? undefined : (new URLSearchParams(query).get('page_token') ?? undefined);
}

/** A web page is not from the API, whatever its status: that a client is not there is only what Hydra itself says. */
async function jsonIn(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

/** Whether Hydra says that there is no such thing. */
export const isMissing = ({ status, body }: AdminAnswer): boolean => status === 404 && isObject(body);

/** Why something was not done. Hydra's `error` is a code or a sentence; the code is for programs. */
export function refusedWith({ status, body }: AdminAnswer, what: string): IssuerFailure {
  const said = isObject(body) ? body : {};
  const refused = refusal(status, what, {
    error: said['error'],
    error_description: said['error_description'],
  });
  const isConsidered = status >= 400 && status < 500 && refused.kind === 'malformed';
  return isConsidered && isObject(body) ? { ...refused, kind: 'rejected' } : refused;
}

export const senseless = (what: string): IssuerFailure =>
  failure('malformed', what, 'the answer of the admin API is not what its documentation says');
