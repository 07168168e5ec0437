import { describe, expect, it } from 'vitest';
import { parseFlags } from '../../test/gen/parse-flags.ts';
import { parseHostAndPort } from './common-flags.ts';
import { controllerFlags } from './controller-flags.ts';

const parse = (...flags: readonly string[]) => parseFlags(controllerFlags(), flags);

describe('the flags of the controller', () => {
  it('have safe defaults: loopback, a leader, and no secret in a debug log', () => {
    expect(parse()).toEqual({
      probes: { host: '127.0.0.1', port: 8080 },
      secretNamespaces: '*',
      leaderElect: true,
      logLevel: 'info',
    });
  });

  it.each<[string, string[], object]>([
    ['a kubeconfig', ['--kubeconfig', 'file'], { kubeconfig: 'file' }],
    ['a cluster id', ['--cluster-id', 'prod.eu-1'], { clusterId: 'prod.eu-1' }],
    ['probes on a free port', ['--probes', '127.0.0.1:0'], { probes: { host: '127.0.0.1', port: 0 } }],
    [
      'an `iss` that is no URL',
      ['--service-account-issuer', 'kubernetes'],
      { serviceAccountIssuer: 'kubernetes' },
    ],
    ['Secrets everywhere', ['--secret-namespaces', '*'], { secretNamespaces: '*' }],
    ['Secrets nowhere', ['--secret-namespaces='], { secretNamespaces: new Set() }],
    ['Secrets in two', ['--secret-namespaces', 'a,b'], { secretNamespaces: new Set(['a', 'b']) }],
    ['its own tokens', ['--own-tokens', '/tmp'], { ownTokens: '/tmp' }],
    ['no leader', ['--no-leader-elect'], { leaderElect: false }],
    ['a level', ['--log-level', 'debug'], { logLevel: 'debug' }],
  ])('take %s', (_, flags, expected) => {
    expect(parse(...flags)).toMatchObject(expected);
  });

  it.each<[string, string[], string]>([
    ['--probes nothing', ['--probes', ''], 'Write host:port'],
    ['--probes without port', ['--probes', 'localhost'], 'Write host:port'],
    ['--probes with a port too many', ['--probes', '127.0.0.1:65536'], 'Write host:port'],
    ['--probes with a bare IPv6 address', ['--probes', '::1:8080'], 'Write host:port'],
    ['--cluster-id with a colon, which marks are split at', ['--cluster-id', 'a:b'], 'Write 1 to 63'],
    ['--cluster-id too long', ['--cluster-id', 'a'.repeat(64)], 'Write 1 to 63'],
    ['--service-account-issuer of nothing', ['--service-account-issuer', ''], 'Write the `iss`'],
    ['--service-account-issuer in words', ['--service-account-issuer', 'not a url'], 'Write the `iss`'],
    ['--service-account-issuer with half a URL', ['--service-account-issuer', ':443'], 'Write the `iss`'],
    ['--secret-namespaces with a pattern', ['--secret-namespaces', 'a,b-*'], 'Write names of namespaces'],
    ['--secret-namespaces with words', ['--secret-namespaces', 'a b'], 'Write names of namespaces'],
    ['--own-tokens of nowhere', ['--own-tokens', '/nowhere'], 'Name a folder that is there'],
    ['--own-tokens in a file', ['--own-tokens', import.meta.filename], 'Name a folder that is there'],
    ['--log-level loud', ['--log-level', 'loud'], 'Allowed choices are debug, info, warn, error'],
    ['an unknown flag', ['--token', 'x'], "unknown option '--token'"],
    ['a word too many', ['now'], 'too many arguments'],
  ])('refuse %s in a sentence', (_, flags, words) => {
    expect(parse(...flags)).toContain(words);
  });
});

describe('host and port', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['[10.0.0.7]:8080', { host: '10.0.0.7', port: 8080 }],
    [':8080', { host: '::', port: 8080 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
  ])('%s are %o', (text, expected) => {
    expect(parseHostAndPort(text)).toEqual(expected);
  });
});
