import { describe, expect, it } from 'vitest';
import { canonicalHost, isAllAddresses } from './listen-host.ts';

describe('the host to listen on', () => {
  it.each(['0.0.0.0', '0', '0x0', '00.0.0.0', '::', '0:0:0:0:0:0:0:0', '::0', '::ffff:0.0.0.0'])(
    '%s is all addresses',
    (host) => expect(isAllAddresses(host)).toBe(true),
  );

  it.each(['127.0.0.1', '::1', 'localhost', 'issuer.grantor-system.svc', '10.0.0.0'])('%s is one', (host) => {
    expect(isAllAddresses(host)).toBe(false);
    expect(canonicalHost(host)).toBeDefined();
  });

  it.each(['', ' ', 'not a host', '256.0.0.1', '[::1]', 'a/b', 'user@a', 'a:80', '::1%lo', 'https://a'])(
    '%j is none',
    (host) => expect(canonicalHost(host)).toBeUndefined(),
  );
});
