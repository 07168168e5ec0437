import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import * as z from 'zod';
import { type Duration, seconds } from '../../src/std/duration.ts';

/** A bare connection to an API server: for tests that look at the server itself, with nothing of the product in between. */
export interface Api {
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<ApiResponse>;
  close(): Promise<void>;
}

export interface ApiResponse {
  readonly status: number;
  /** Parsed if it is JSON, the text otherwise. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read into it; a wrong path fails the test
  readonly body: any;
}

const kubeconfigSchema = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.url(), 'certificate-authority-data': z.base64() }) }),
  ]),
  users: z.tuple([
    z.object({ user: z.object({ 'client-certificate-data': z.base64(), 'client-key-data': z.base64() }) }),
  ]),
});

/** Connects as the identity of a kubeconfig that `writeKubeconfig` wrote; a request that takes longer than `timeout` is rejected. */
export function openApi(kubeconfigFile: string, timeout: Duration = seconds(10)): Api {
  const { clusters, users } = kubeconfigSchema.parse(parse(readFileSync(kubeconfigFile, 'utf8')));
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
  return connectApi(server, { ca: decode(ca), cert: decode(cert), key: decode(key) }, timeout);
}

/** Connects with these TLS settings; without `cert` and `key` as nobody. */
export function connectApi(
  server: string,
  tls: { ca: string; cert?: string; key?: string },
  timeout: Duration = seconds(10),
): Api {
  const dispatcher = new Agent({
    connect: { ...tls, timeout },
    headersTimeout: timeout,
    bodyTimeout: timeout,
  });
  return {
    async send(method, path, body) {
      const response = await request(new URL(path, server), {
        method,
        dispatcher,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.body.text();
      const isJson = /[/+]json/.test(String(response.headers['content-type']));
      return { status: response.statusCode, body: isJson ? JSON.parse(text) : text };
    },
    close: () => dispatcher.destroy(),
  };
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
