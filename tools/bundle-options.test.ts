import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as ClientNode from '@kubernetes/client-node';
import { build } from 'esbuild';
import type * as Undici from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { bundleOptions } from './bundle-options.ts';

const root = join(import.meta.dirname, '..');

/** What a module exports when it is bundled as the program is. */
async function bundled<Exports>(contents: string): Promise<Exports> {
  const outdir = mkdtempSync(join(tmpdir(), 'grantor-bundle-'));
  onTestFinished(() => rmSync(outdir, { recursive: true }));
  await build({ ...bundleOptions, outdir, sourcemap: false, stdin: { contents, resolveDir: root } });
  return (await import(pathToFileURL(join(outdir, 'stdin.js')).href)) as Exports;
}

it('leaves classes their names: without them, oidc-provider gives tokens that never end', async () => {
  const bundle = await bundled<{ readonly name: string }>(`import Provider from 'oidc-provider';
    export const name = new Provider('https://issuer.example').ClientCredentials.name;`);
  expect(bundle.name).toBe('ClientCredentials');
});

it('has of undici what the program uses, and that works', async () => {
  const server = createServer((request, response) => response.end(`${request.method} ${request.url}`));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const undici = await bundled<typeof Undici>(`export { Agent, Pool, ProxyAgent } from 'undici';`);
  const agent = new undici.Agent();
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { body } = await agent.request({ method: 'GET', origin, path: '/x?y' });
  expect(await body.text()).toBe('GET /x?y');
  await agent.close();
  expect([typeof undici.Pool, typeof undici.ProxyAgent]).toEqual(['function', 'function']);
});

it('has of the client library of Kubernetes what reads a kubeconfig, and that works', async () => {
  const { KubeConfig } = await bundled<typeof ClientNode>(
    `export { KubeConfig } from '@kubernetes/client-node';`,
  );
  const config = new KubeConfig();
  config.loadFromOptions({
    currentContext: 'here',
    contexts: [{ name: 'here', cluster: 'there', user: 'me' }],
    clusters: [{ name: 'there', server: 'https://cluster.example' }],
    users: [{ name: 'me', exec: { command: 'echo', args: ['{"status":{"token":"as-the-plug-in-said"}}'] } }],
  });
  const options: { headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options);
  expect(options.headers).toEqual({ Authorization: 'Bearer as-the-plug-in-said' });
});
