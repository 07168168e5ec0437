import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../../src/api/decode.ts';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import { type KindsServer, openKindsServer } from './api-server.ts';
import { type Manifest, validExample } from './examples.ts';
import { asStored } from './stored.ts';

// Every rule is written twice, in CEL and in TypeScript. Here both are asked about the same texts, most of them on the edge of a rule.

let server: KindsServer;
beforeAll(async () => {
  server = await openKindsServer(testKubeconfig(), ['acme-prod']);
});
afterAll(() => server.close());

// oxlint-disable-next-line typescript/no-explicit-any -- a wrong path fails the test
type Spec = Record<string, any>;
type Put = (spec: Spec, value: unknown) => void;
interface Field {
  readonly field: string;
  /** A value that is sure to be accepted. */
  readonly valid: string;
  readonly example: string;
  readonly put: Put;
  /** Pieces that values are put together from. */
  readonly pieces: readonly string[];
}

const common = [
  'a',
  'Z',
  '9',
  '-',
  '.',
  '_',
  '/',
  ':',
  '*',
  ' ',
  '"',
  '\\',
  "'",
  '\n',
  '\t',
  '\u00e9',
  '\u{1f511}',
  '\u0000',
  '~',
  '',
];

const fields: readonly Field[] = [
  {
    field: 'issuer',
    valid: 'https://login.example/realms/prod',
    example: 'oauth-issuer-minimal',
    put: (spec, value) => (spec.issuer = value),
    pieces: [
      ...common,
      'https://',
      'https://a',
      'http://',
      '@',
      '?',
      '#',
      '%2F',
      '[::1]',
      ':443',
      ':65535',
      ':65536',
      ':0443',
      ':00443',
      '/realms',
      ';',
      '&',
      '=',
      '>',
    ],
  },
  {
    field: 'duration',
    valid: '10m',
    example: 'oauth-client-minimal',
    put: (spec, value) => (spec.accessTokenLifetime = value),
    pieces: [
      '10',
      '0',
      '9',
      '24',
      '1',
      'h',
      'm',
      's',
      'd',
      'ms',
      '.5',
      '-',
      ' ',
      '10s',
      '24h',
      '1h',
      '99999h',
      '00010s',
      '\n',
    ],
  },
  {
    field: 'scope',
    valid: 'invoices.read',
    example: 'oauth-client-minimal',
    put: (spec, value) => (spec.scopes = [value]),
    pieces: common,
  },
  {
    field: 'scope pattern',
    valid: 'invoices.*',
    example: 'tenant-scope-minimal',
    put: (spec, value) => (spec.tokens.scopes = [value]),
    pieces: [...common, 'invoices', '.*', ':*', '*'],
  },
  {
    field: 'audience',
    valid: 'https://api.example',
    example: 'workload-identity-binding-minimal',
    put: (spec, value) => (spec.token.audience = value),
    pieces: common,
  },
  {
    field: 'role',
    valid: 'biller',
    example: 'oauth-client-minimal',
    put: (spec, value) => (spec.roles = [value]),
    pieces: common,
  },
  {
    field: 'name',
    valid: 'login',
    example: 'oauth-client-minimal',
    put: (spec, value) => (spec.issuerRef.name = value),
    pieces: common,
  },
  {
    field: 'tenantID',
    valid: 'acme',
    example: 'tenant-scope-minimal',
    put: (spec, value) => (spec.tenantID = value),
    pieces: common,
  },
  {
    field: 'redirect URI',
    valid: 'https://app.acme.example:8443/callback?from=login',
    example: 'oauth-client-authorization-code',
    put: (spec, value) => (spec.redirectURIs = [value]),
    pieces: [
      ...common,
      'https://',
      'http://',
      'http://127.0.0.1',
      'http://[::1]',
      'https://a',
      'localhost',
      ':8080',
      ':65536',
      '/callback',
      '@',
      '?',
      '#',
      '%2F',
    ],
  },
  {
    field: 'redirect host',
    valid: 'app.acme.example',
    example: 'tenant-scope-minimal',
    put: (spec, value) => (spec.clients = { redirectHosts: [value] }),
    pieces: [...common, 'app', '127.0.0.1', '[::1]', ':8080'],
  },
  {
    field: 'label key',
    valid: 'tenant',
    example: 'tenant-scope-minimal',
    put: (spec, value) => (spec.namespaceSelector = { matchLabels: { [String(value)]: 'x' } }),
    pieces: [...common, 'example.com/'],
  },
  {
    field: 'label value',
    valid: 'acme',
    example: 'tenant-scope-minimal',
    put: (spec, value) => (spec.namespaceSelector.matchLabels = { tenant: value }),
    pieces: common,
  },
  {
    field: 'label of a ServiceAccount',
    valid: 'tier',
    example: 'tenant-scope-minimal',
    put: (spec, value) => (spec.serviceAccountSelector = { matchLabels: { [String(value)]: 'x' } }),
    pieces: [...common, 'example.com/'],
  },
  {
    field: 'name of a claim',
    valid: 'tenant_id',
    example: 'tenant-scope-minimal',
    put: (spec, value) => (spec.tokens.requiredClaims = { [String(value)]: 'acme' }),
    pieces: [...common, 'exp', 'scope', 'roles', 'tenant_id'],
  },
  {
    field: 'path of a claim',
    valid: '/realm_access/roles',
    example: 'oauth-issuer-minimal',
    put: (spec, value) => (spec.tokens = { claimPaths: { roles: value } }),
    pieces: [...common, '/realm_access', '/a~1b', '~0', '/a/b/c', '/a/b/c/d/e/f/g/h'],
  },
  {
    field: 'name of a claim with a path',
    valid: 'tenant_id',
    example: 'oauth-issuer-minimal',
    put: (spec, value) => (spec.tokens = { claimPaths: { [String(value)]: '/a' } }),
    pieces: [...common, 'exp', 'scope', 'roles', 'scp'],
  },
  {
    field: 'tenant_id as a required claim',
    valid: 'acme',
    example: 'tenant-scope-minimal',
    put: (spec, value) => (spec.tokens.requiredClaims = { tenant_id: value }),
    pieces: ['acme', 'a', 'c', ' ', ''],
  },
  {
    field: 'value of a claim',
    valid: 'acme',
    example: 'tenant-scope-minimal',
    put: (spec, value) => (spec.tokens.requiredClaims = { region: value }),
    pieces: common,
  },
];

describe('the API server and the decoder are of one opinion about', () => {
  test.each(fields)('any $field', async ({ example, put, pieces, valid }) => {
    const { kind, manifest } = validExample(example);
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(''));
    const verdicts = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const changed: Manifest = structuredClone(manifest);
        put(changed.spec, value);
        const { status, body } = await server.create(kind, changed);
        const decoded = decode(kind, asStored(changed));
        expect({ value, accepted: decoded.ok }, body.message).toEqual({ value, accepted: status === 201 });
        verdicts.add(decoded.ok);
      }),
      // One that is sure to be accepted, so that agreement is not only about refusals.
      { numRuns: 200, examples: [[valid]] },
    );
    // Agreement means little if everything is refused.
    expect(verdicts.size).toBe(2);
  });
});
