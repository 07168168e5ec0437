import type { Tracer } from '../std/tracer.ts';
import { templateOf } from './path-template.ts';
import type { Transport } from './transport.ts';

/** A transport whose calls are part of the traces in which they are made. Watches last for minutes and are part of none. */
export const tracedTransport = (transport: Transport, server: URL, tracer: Tracer): Transport => ({
  ...transport,
  call(call) {
    const { template, namespace } = templateOf(call.path);
    const attributes = {
      'http.request.method': call.method,
      'url.template': template,
      'k8s.namespace.name': namespace,
      'server.address': server.hostname,
      'server.port': Number(server.port || 443),
    };
    return tracer.span('api', { title: `${call.method} ${template}`, attributes }, async (span) => {
      const answered = (status: number): void => span.set({ 'http.response.status_code': status });
      const result = await transport.call({ ...call, headers: span.headers, answered });
      if (!result.ok) span.fail(result.error.kind);
      return result;
    });
  },
});
