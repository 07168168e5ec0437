import { describe, expect, test } from 'vitest';
import { minutes, seconds } from '../std/duration.ts';
import { decode } from './decode.ts';
import { kinds } from './kinds.ts';
import { oauthClientKind } from './oauth-client.ts';
import { oauthIssuerKind } from './oauth-issuer.ts';
import { tenantScopeKind } from './tenant-scope.ts';

const metadata = {
  name: 'acme',
  uid: 'u',
  resourceVersion: '7',
  generation: 2,
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const issuer = {
  apiVersion: 'grantor.dev/v1alpha1',
  kind: 'OAuthIssuer',
  metadata,
  spec: { issuer: 'https://login.acme.example', driver: { static: {} } },
};
const client = {
  apiVersion: 'grantor.dev/v1alpha1',
  kind: 'OAuthClient',
  metadata: { ...metadata, namespace: 'acme-prod' },
  spec: {
    issuerRef: { name: 'acme' },
    scopes: ['invoices.read'],
    audiences: ['https://api.acme.example'],
    authentication: { federated: { serviceAccountName: 'billing' } },
  },
};
const withSpec = (fields: object) => ({ ...client, spec: { ...client.spec, ...fields } });

describe('decode', () => {
  test('fills in what the API server would, down to nested objects', () => {
    expect(decode(oauthIssuerKind, issuer)).toEqual({
      ok: true,
      value: {
        ...issuer,
        spec: {
          ...issuer.spec,
          federation: { method: 'ClientAssertion', assertionReuse: 'Reusable' },
          tokens: { toleratedAudiences: [], claimPaths: {} },
          unenforcedCeiling: 'Refuse',
          resyncInterval: 1_800_000,
          limits: {
            controller: { requestsPerSecond: 50, burst: 100, concurrency: 16 },
            perNode: { requestsPerSecond: 2, burst: 150, concurrency: 8 },
            rotationSpacing: seconds(1),
            timeout: seconds(10),
          },
        },
      },
    });
  });

  test('makes durations of texts', () => {
    const decoded = decode(oauthClientKind, withSpec({ accessTokenLifetime: '1h30m' }));
    expect(decoded.ok && decoded.value.spec.accessTokenLifetime).toBe(minutes(90));
  });

  test('leaves unknown fields out, in metadata too', () => {
    const decoded = decode(oauthClientKind, {
      ...withSpec({ somethingNewer: 'Spectacular' }),
      metadata: { ...client.metadata, managedFields: [{ manager: 'kubectl' }] },
    });
    expect(decoded.ok && JSON.stringify(decoded.value)).not.toMatch(/Spectacular|kubectl/);
  });

  test('keeps the parts of metadata that decisions need, and nothing that may be large', () => {
    const kept = {
      ...client.metadata,
      deletionTimestamp: '2026-01-02T00:00:00Z',
      finalizers: ['grantor.dev/client'],
      annotations: { 'grantor.dev/rotate': 'now' },
    };
    const annotations = { ...kept.annotations, 'somebody.example/all-that-was-applied': '{}' };
    const others = { labels: { a: 'b' }, annotations };
    const decoded = decode(oauthClientKind, { ...client, metadata: { ...kept, ...others } });
    expect(decoded.ok && decoded.value.metadata).toEqual(kept);
  });

  test.each([
    { what: 'a scope', raw: withSpec({ scopes: ['a', 'b c'] }), error: 'spec.scopes[1]: write one scope' },
    { what: 'a missing field', raw: withSpec({ audiences: undefined }), error: 'spec.audiences: ' },
    {
      what: 'a number for a text',
      raw: withSpec({ accessTokenLifetime: 600 }),
      error: 'spec.accessTokenLifetime: ',
    },
    { what: 'a wrong type below a list', raw: withSpec({ audiences: [{}] }), error: 'spec.audiences[0]: ' },
    {
      what: 'something twice',
      raw: withSpec({ scopes: ['a', 'a'] }),
      error: 'spec.scopes: nothing may be listed twice',
    },
    {
      what: 'two choices',
      raw: withSpec({
        authentication: { federated: { serviceAccountName: 'a' }, secret: { secretRef: { name: 'b' } } },
      }),
      error: 'spec.authentication: write exactly one of',
    },
    {
      what: 'a choice of null',
      raw: withSpec({ authentication: { federated: null } }),
      error: 'spec.authentication.federated: ',
    },
    { what: 'no spec', raw: { ...client, spec: undefined }, error: 'spec: ' },
    { what: 'no namespace', raw: { ...client, metadata }, error: 'metadata.namespace: ' },
    { what: 'another kind', raw: issuer, error: 'kind: ' },
    { what: 'another version', raw: { ...client, apiVersion: 'grantor.dev/v2' }, error: 'apiVersion: ' },
    {
      what: 'a status of another form',
      raw: { ...client, status: { conditions: {} } },
      error: 'status.conditions: ',
    },
    { what: 'nothing', raw: undefined, error: 'OAuthClient: ' },
  ])('says what is wrong with $what', ({ raw, error }) => {
    expect(decode(oauthClientKind, raw)).toMatchObject({ ok: false, error: expect.stringContaining(error) });
  });

  test('keeps its sentences short, whatever it is given', () => {
    const decoded = decode(tenantScopeKind, {
      ...client,
      kind: 'TenantScope',
      spec: { namespaceSelector: { matchLabels: { ['x'.repeat(5000)]: 1 } } },
    });
    expect(!decoded.ok && decoded.error.length).toBeLessThanOrEqual(512);
  });

  test.each([null, true, 'text', 1, [], {}, { spec: null }, { metadata: [] }, Object.create(null)])(
    'never throws: %j',
    (raw) => {
      for (const kind of kinds) expect(decode(kind, raw).ok).toBe(false);
    },
  );
});
