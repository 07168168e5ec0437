import { expect, test } from 'vitest';
import { parseProxy, proxyFor } from './proxy.ts';

const isProxied = (server: string, noProxy?: string): boolean =>
  proxyFor(new URL(server), {
    httpsProxy: 'http://p:3128',
    ...(noProxy === undefined ? {} : { noProxy }),
  }) !== undefined;

test.each([
  ['https://kube.example', undefined],
  ['https://kube.example', 'other.example, example.org'],
  ['https://kube.example', '.kube.example'],
  ['https://kube.example', '*.kube.example'],
  ['https://notkube.example', 'kube.example'],
  ['https://kube.example:6443', 'kube.example:443'],
  ['https://10.96.0.1', '10.97.0.0/16,10.96.0.2'],
  ['https://10.96.0.1', '10.96.0.0/,10.96.0.0/99,/8,0.1'],
  ['https://[fd00::1]', 'fd01::/16'],
  ['https://128.0.0.1', ''],
])('%s goes through the proxy where NO_PROXY is %j', (server, noProxy) => {
  expect(isProxied(server, noProxy)).toBe(true);
});

test.each([
  ['https://kube.example', 'kube.example'],
  ['https://kube.example', 'other.example,  KUBE.example. '],
  ['https://a.kube.example', 'kube.example'],
  ['https://a.kube.example', '.kube.example'],
  ['https://a.kube.example', '*.kube.example'],
  ['https://kube.example', 'kube.example:443'],
  ['https://kube.example:6443', '*'],
  ['https://10.96.0.1', '10.96.0.1'],
  ['https://10.96.0.1', '192.168.0.0/16,10.0.0.0/8'],
  ['https://10.96.0.1:6443', '10.96.0.1:6443'],
  ['https://[fd00::1]', 'fd00::/8'],
  ['https://[fd00::1]', 'fd00:0::1'],
  ['https://[fd00::1]:6443', '[fd00::1]:6443'],
  ['https://localhost:6443', undefined],
  ['https://127.3.0.1:6443', undefined],
  ['https://[::1]:6443', undefined],
  ['http://kube.example', undefined],
])('%s goes straight where NO_PROXY is %j', (server, noProxy) => {
  expect(isProxied(server, noProxy)).toBe(false);
});

test('a proxy without a scheme is an HTTP proxy; another scheme is refused, and not quoted', () => {
  expect(parseProxy('me:secret@p:3128')?.reveal().href).toBe('http://me:secret@p:3128/');
  expect(parseProxy('socks5://p')).toBeUndefined();
  const useless = { httpsProxy: 'socks5://me:secret@p' };
  expect(() => proxyFor(new URL('https://kube.example'), useless)).toThrow(
    'HTTPS_PROXY is not an http(s) URL',
  );
});
