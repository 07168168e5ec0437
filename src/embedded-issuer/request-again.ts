import { IncomingMessage } from 'node:http';

export interface RequestChange {
  /** The path, without a query: nothing of this server is asked by one. */
  readonly path: string;
  /** The host that the request is taken to be addressed to, whatever the caller called us. */
  readonly host: string;
  readonly body: Buffer;
}

/** The same request once more, changed, for one who reads it as if it came from the network. */
export function requestAgain(
  original: IncomingMessage,
  { path, host, body }: RequestChange,
): IncomingMessage {
  const { 'transfer-encoding': _, expect: __, ...headers } = original.headers;
  const request = new IncomingMessage(original.socket);
  request.httpVersion = original.httpVersion;
  request.httpVersionMajor = original.httpVersionMajor;
  request.httpVersionMinor = original.httpVersionMinor;
  if (original.method !== undefined) request.method = original.method;
  request.url = path;
  request.headers = { ...headers, host, 'content-length': String(body.length) };
  request.push(body);
  request.push(null);
  request.complete = true;
  return request;
}
