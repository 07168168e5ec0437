import type { IncomingMessage, ServerResponse } from 'node:http';
import { noTracer, type Tracer } from '../std/tracer.ts';
import { paths } from './endpoints.ts';
import { requestIDOf } from './request-id.ts';

/** What is answered, and under which path, without its variable part. */
interface Answered {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: string;
}

/** Makes answers part of the trace that the caller is in. Probes are none of anybody's. */
export function tracedAnswers(
  tracer: Tracer = noTracer,
): (answered: Answered, work: () => Promise<void>) => Promise<void> {
  return ({ request, response, route }, work) => {
    if (route === paths.health) return work();
    const method = request.method ?? '';
    const { traceparent } = request.headers;
    const start = {
      title: `${method} ${route}`,
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'grantor.correlation_id': requestIDOf(request),
      },
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    };
    return tracer.span('answer', start, async (span) => {
      await work();
      span.set({ 'http.response.status_code': response.statusCode });
      // That a caller was refused is no failure of the server (semantic conventions of HTTP).
      if (response.statusCode >= 500) span.fail(String(response.statusCode));
    });
  };
}
