import { expect, test } from 'vitest';
import type { DesiredClient } from '../domain/desired-client.ts';
import { minutes } from '../std/duration.ts';
import { Secret } from '../std/secret.ts';
import { clientMetadata } from './client-metadata.ts';

const plain = { issuer: 'https://issuer.example' };
const ours = { ...plain, grantor_registration_supported: true };
const workload = {
  issuer: 'https://cluster.example',
  subject: 'system:serviceaccount:acme-prod:billing',
  uid: 'uid-2',
};
const aClient = (authentication: DesiredClient['authentication']): DesiredClient => ({
  mark: 'grantor:c1:acme-prod:billing:uid-1',
  name: 'acme-prod/billing',
  grantTypes: ['ClientCredentials'],
  redirectURIs: [],
  scopes: ['invoices.read', 'invoices.write'],
  audiences: ['https://api.acme.example'],
  roles: ['biller'],
  tenantID: 'acme',
  accessTokenLifetime: minutes(10),
  proofOfPossession: 'None',
  authentication,
});

test('a workload is registered with the ceiling and without keys', () => {
  expect(
    clientMetadata(aClient({ method: 'Federated', by: 'ClientAssertion', workload }), ours),
  ).toMatchInlineSnapshot(`
    {
      "client_name": "acme-prod/billing",
      "grant_types": [
        "client_credentials",
      ],
      "grantor": {
        "accessTokenLifetime": 600,
        "audiences": [
          "https://api.acme.example",
        ],
        "roles": [
          "biller",
        ],
        "tenantID": "acme",
        "workload": {
          "issuer": "https://cluster.example",
          "subject": "system:serviceaccount:acme-prod:billing",
          "uid": "uid-2",
        },
      },
      "redirect_uris": [],
      "response_types": [],
      "scope": "invoices.read invoices.write",
      "software_id": "grantor:c1:acme-prod:billing:uid-1",
      "token_endpoint_auth_method": "private_key_jwt",
    }
  `);
});

test.each([
  ['JWTBearer', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
  ['TokenExchange', 'urn:ietf:params:oauth:grant-type:token-exchange'],
] as const)(
  'a workload that shows its token by %s is registered for that grant, and for no login',
  (by, grantType) => {
    const client = aClient({ method: 'Federated', by, workload });
    expect(clientMetadata(client, ours)).toMatchObject({
      grant_types: [grantType],
      token_endpoint_auth_method: 'none',
      grantor: { workload },
    });
  },
);

test('a key is registered by value, and a foreign issuer is told nothing of ours', () => {
  const publicKey = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'key-1' };
  expect(
    clientMetadata(aClient({ method: 'PrivateKey', publicKeys: [publicKey] }), plain),
  ).toMatchInlineSnapshot(`
    {
      "client_name": "acme-prod/billing",
      "grant_types": [
        "client_credentials",
      ],
      "jwks": {
        "keys": [
          {
            "crv": "P-256",
            "kid": "key-1",
            "kty": "EC",
            "x": "x",
            "y": "y",
          },
        ],
      },
      "redirect_uris": [],
      "response_types": [],
      "scope": "invoices.read invoices.write",
      "software_id": "grantor:c1:acme-prod:billing:uid-1",
      "token_endpoint_auth_method": "private_key_jwt",
      "token_endpoint_auth_signing_alg": "ES256",
    }
  `);
});

test('secrets of our choice are registered by their digests, the newest first, and a foreign issuer is told of none', () => {
  const secrets = ['newer', 'older'].map((value, n) => ({ revision: 2 - n, value: new Secret(value) }));
  const client = aClient({ method: 'Secret', secrets });
  const secretDigests = [
    'gE9R9xJUxAgeN-fIhwc1YPSm-mza0gLprGfgMsQ-0eE',
    '2pJaMOMff9qnBE4-W6SuF2cN6C1new5631cAQooTejY',
  ];
  expect(clientMetadata(client, ours)['grantor']).toMatchObject({ secretDigests });
  expect(JSON.stringify(clientMetadata(client, plain))).not.toMatch(/newer|older|igests/);
});

test.each([
  ['https://app.acme.example/callback', undefined],
  ['http://127.0.0.1/callback', 'native'],
])('a client for users is registered with its redirect URIs as they stand: %s', (uri, applicationType) => {
  const client = aClient({ method: 'Secret', secrets: [] });
  const grantTypes = ['ClientCredentials', 'AuthorizationCode'] as const;
  const metadata = clientMetadata({ ...client, grantTypes, redirectURIs: [uri] }, plain);
  expect(metadata).toMatchObject({
    grant_types: ['client_credentials', 'authorization_code'],
    response_types: ['code'],
    redirect_uris: [uri],
  });
  expect(metadata['application_type']).toBe(applicationType);
});

test('a client with a certificate is registered with the certificates of its keys, the newest first', () => {
  const keys = ['newer', 'older'].map((kid) => ({
    kty: 'EC',
    crv: 'P-256',
    x: 'x',
    y: 'y',
    kid,
    x5c: ['AA=='],
  }));
  expect(clientMetadata(aClient({ method: 'MutualTLS', publicKeys: keys }), plain)).toMatchObject({
    token_endpoint_auth_method: 'self_signed_tls_client_auth',
    jwks: { keys },
  });
});

test('a client that does not log in is registered so', () => {
  const client = { ...aClient({ method: 'Public' }), grantTypes: ['AuthorizationCode'] as const };
  expect(clientMetadata({ ...client, redirectURIs: ['https://app.acme.example/'] }, plain)).toMatchObject({
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'],
  });
});

test('a client that proves to have a key is registered for no other tokens', () => {
  const metadata = clientMetadata(
    { ...aClient({ method: 'Secret', secrets: [] }), proofOfPossession: 'DPoP' },
    plain,
  );
  expect(metadata['dpop_bound_access_tokens']).toBe(true);
});

test.each([
  [['client_secret_basic', 'client_secret_post'], 'client_secret_basic'],
  [['client_secret_post'], 'client_secret_post'],
])('a secret is registered for one of %j', (supported, expected) => {
  const server = { ...plain, token_endpoint_auth_methods_supported: supported };
  expect(
    clientMetadata(aClient({ method: 'Secret', secrets: [] }), server)['token_endpoint_auth_method'],
  ).toBe(expected);
});
