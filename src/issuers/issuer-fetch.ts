import type { CallContext, ClientCertificate } from '../ports/issuer-driver.ts';
import { noTracer, type Tracer } from '../std/tracer.ts';
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
  /** Each request is part of a trace, which the issuer is told of. */
  readonly tracer?: Tracer | undefined;
}

const methods = ['GET', 'POST', 'PUT', 'DELETE'] as const;

/**
 * A `fetch` for one call at the issuer, for `customFetch` of the libraries: each request waits for the governor's leave and goes
 * only where the issuer's metadata points. It throws `IssuerFailureError`, which `failureOf` turns into the failure again.
 */
export function issuerFetch(
  { http, governor, permits, tracer = noTracer }: Egress,
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
    const { hostname, port } = new URL(url);
    const attributes = {
      'http.request.method': method,
      'server.address': hostname,
      'server.port': Number(port || 443),
      'grantor.tenant': call.tenantID || undefined,
      'grantor.correlation_id': call.correlationID,
    };
    const outcome = await tracer.span('issuer', { title: `${method} ${what}`, attributes }, async (span) => {
      const request: HttpRequest = {
        ...{ what, url, method, answer },
        headers: {
          ...Object.fromEntries(new Headers(init.headers)),
          'x-request-id': call.correlationID,
          ...span.headers,
        },
        ...bodyOf(init),
        ...(init.certificate && { certificate: init.certificate }),
        ...(init.longest === undefined ? {} : { longest: init.longest }),
        answered: (status) => span.set({ 'http.response.status_code': status }),
      };
      const sent = await governor.run(call.tenantID, call.signal, () => http.send(request, call.signal));
      if (!sent.ok) span.fail(sent.error.kind);
      else if (sent.value.status >= 400) span.fail(String(sent.value.status));
      return sent;
    });
    if (!outcome.ok) throw new IssuerFailureError(outcome.error);
    return outcome.value;
  };
}

const bodyOf = ({ body }: FetchInit): { readonly body?: string } =>
  body instanceof URLSearchParams ? { body: body.toString() } : typeof body === 'string' ? { body } : {};
