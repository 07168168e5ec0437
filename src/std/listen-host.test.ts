import { expect, test } from 'vitest';
import { listenHost } from './listen-host.ts';

test('who wants all addresses leaves it to Node.js which there are; who wants one gets that one', () => {
  const hosts = ['::', '::1', '0.0.0.0', '127.0.0.1'];
  expect(hosts.map(listenHost)).toEqual([undefined, '::1', '0.0.0.0', '127.0.0.1']);
});
