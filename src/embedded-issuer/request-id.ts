import type { IncomingMessage } from 'node:http';

/** The id that a caller gave its request (`X-Request-ID`). It decides nothing: what is longer than any of Grantor's, or no word, is left out. */
export function requestIDOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const id = headers['x-request-id'];
  return typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id) ? id : undefined;
}
