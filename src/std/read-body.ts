/** A body as undici hands it out: it flows once somebody listens. */
interface Body {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(): unknown;
}

/**
 * All of a body, or nothing once it has more than `limit` bytes: then the connection is closed, and the rest is not read. Rejects with
 * what broke it off. By events, since a loop over an answer costs as much as the rest of the call's bookkeeping.
 */
export function readBody(body: Body, limit: number): Promise<Buffer<ArrayBuffer> | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer> | undefined>();
  const chunks: Uint8Array[] = [];
  let length = 0;
  body.on('data', (chunk) => {
    length += chunk.length;
    if (length <= limit) {
      chunks.push(chunk);
      return;
    }
    resolve(undefined);
    body.destroy();
  });
  body.on('end', () => resolve(Buffer.concat(chunks, length)));
  body.on('error', reject);
  body.on('close', () => reject(new Error('the body ended before its end')));
  return promise;
}
