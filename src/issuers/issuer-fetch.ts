import type { CallContext, ClientCertificate } from '../ports/issuer-driver.ts';
import { failure, IssuerFailureError } from './classify.ts';
import type { Governor } from './governor.ts';
import type { Http, HttpRequest } from './http.ts';

/** As much of `fetch` as oauth4webapi, jose and we use. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

interface FetchInit {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>> | Headers;
  /** A form or JSON: no request of ours has another body. */
  readonly body?: unknown;
  /** Bytes that the answer may have, where that is more than usual. */
  readonly longest?: number;
  /** What to show in the TLS handshake. */
  readonly certificate?: ClientCertificate;
}

export interface Egress {
  readonly http: Http;
  readonly governor: Governor;
  /** Whether the issuer named this URL. Nothing is ever sent elsewhere. */
  readonly permits: (url: string) => boolean;
}

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;

/**
 * A `fetch` for one call at the issuer, for `customFetch` of the libraries: each request waits for the governor's leave and goes
 * only where the issuer's metadata points. It throws `IssuerFailureError`, which `failureOf` turns into the failure again.
 */
export function issuerFetch(
  { http, governor, permits }: Egress,
  call: CallContext,
  what: string,
  answer: HttpRequest['answer'] = 'json',
): Fetch {
  return async (url, init) => {
    const method = methods.find((known) => known === init.method);
    if (method === undefined || !permits(url)) {
      throw new IssuerFailureError(
        failure('malformed', what, "refused to call what the issuer's metadata does not name"),
      );
    }
    const request: HttpRequest = {
      what,
      url,
      method,
      answer,
      headers: { ...Object.fromEntries(new Headers(init.headers)), 'x-request-id': call.correlationID },
      ...bodyOf(init),
      ...(init.certificate && { certificate: init.certificate }),
      ...(init.longest === undefined ? {} : { longest: init.longest }),
    };
    const outcome = await governor.run(call.tenantID, call.signal, () => http.send(request, call.signal));
    if (!outcome.ok) throw new IssuerFailureError(outcome.error);
    return outcome.value;
  };
}

const bodyOf = ({ body }: FetchInit): { readonly body?: string } =>
  body instanceof URLSearchParams ? { body: body.toString() } : typeof body === 'string' ? { body } : {};
