import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeTraces, type ReceivedSpan } from './otlp-messages.ts';

/** As much of a collector as a program sees: OTLP over HTTP, in protobuf. */
export interface OTLPReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  /** All that came, in the order in which it ended. */
  readonly spans: readonly ReceivedSpan[];
  /** Headers of each request. */
  readonly requests: readonly IncomingHttpHeaders[];
  /** The first span that fits, as soon as it is there. */
  until(fits: (span: ReceivedSpan) => boolean, within?: number): Promise<ReceivedSpan>;
  /** How it answers from now on: a status, or never. */
  answer(how: number | 'never'): void;
  /** Every byte that came. */
  bytes(): Buffer;
  close(): Promise<void>;
}

export async function startOTLPReceiver(): Promise<OTLPReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: IncomingHttpHeaders[] = [];
  let how: number | 'never' = 200;
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      requests.push(request.headers);
      bodies.push(body);
      if (how === 'never') return;
      if (how !== 200) return void response.writeHead(how).end('what a collector says is its own business');
      if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/x-protobuf')
        return void response.writeHead(404).end();
      spans.push(...decodeTraces(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    async until(fits, within = 20_000) {
      for (const giveUp = Date.now() + within; Date.now() < giveUp; ) {
        const found = spans.find(fits);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(
        `no such span came; there are ${[...new Set(spans.map(({ name }) => name))].join(', ')}`,
      );
    },
    answer(next) {
      how = next;
    },
    bytes: () => Buffer.concat(bodies),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
