import type { IncomingMessage } from 'node:http';

/** What a request's body may measure, in bytes. oidc-provider takes no more either. */
const bodyLimit = 56 * 1024;

/** Reads a request's body. Nothing if it is longer than `bodyLimit`: the rest is not read. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > bodyLimit) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyLimit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
