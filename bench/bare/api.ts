import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';

/** The API server as a bare loop speaks to it: kept-alive connections, a token, JSON. Nothing is checked but the status. */
export interface BareApi {
  send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    accept?: string,
    contentType?: string,
  ): Promise<unknown>;
  /** The chunks of a watch. */
  open(path: string, accept?: string): Promise<AsyncIterable<Uint8Array>>;
}

/** Connects as the ServiceAccount of a pod's folder. */
export function openBareApi(server: string, pod: string, connections: number): BareApi {
  const options = {
    allowH2: false,
    pipelining: 1,
    connect: { ca: readFileSync(join(pod, 'ca.crt'), 'utf8') },
  };
  const dispatcher = new Agent({ ...options, connections });
  const watches = new Agent({ ...options, bodyTimeout: 0 });
  const authorization = `Bearer ${readFileSync(join(pod, 'token'), 'utf8')}`;
  return {
    async send(method, path, body, accept = 'application/json', contentType = 'application/json') {
      const response = await request(server + path, {
        method,
        dispatcher,
        headers: { authorization, accept, 'content-type': contentType },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.body.text();
      if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
      return JSON.parse(text);
    },
    async open(path, accept = 'application/json') {
      const { body } = await request(server + path, {
        dispatcher: watches,
        headers: { authorization, accept },
      });
      return body;
    },
  };
}
