import { describe, expect, test } from 'vitest';
import { capabilitiesOf, secretMethod } from './capabilities.ts';

const endpoint = 'https://issuer.example/x';
const metadata = (members: Record<string, unknown> = {}) => ({
  issuer: 'https://issuer.example',
  token_endpoint: endpoint,
  ...members,
});
const names = (members: Record<string, unknown>): string =>
  [...capabilitiesOf(metadata(members))].sort((a, b) => a.localeCompare(b)).join(' ');

describe('what an issuer can do', () => {
  test.each([
    ['nothing announced', {}, 'SecretAuthentication'],
    ['no way with a secret', { token_endpoint_auth_methods_supported: ['tls_client_auth'] }, ''],
    [
      'registration',
      { registration_endpoint: endpoint },
      'Compare Deregister Register SecretAuthentication Update',
    ],
    [
      'the rest',
      { revocation_endpoint: endpoint, introspection_endpoint: endpoint },
      'Introspect Revoke SecretAuthentication',
    ],
    ['keys', { token_endpoint_auth_methods_supported: ['private_key_jwt'] }, 'PrivateKeyAuthentication'],
    [
      'certificates, but no registration that could tell them',
      { token_endpoint_auth_methods_supported: ['self_signed_tls_client_auth'] },
      '',
    ],
    [
      'certificates',
      {
        registration_endpoint: endpoint,
        token_endpoint_auth_methods_supported: ['self_signed_tls_client_auth'],
      },
      'Compare Deregister MutualTLSAuthentication Register Update',
    ],
    [
      'keys, but not ours',
      {
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: ['RS256'],
      },
      '',
    ],
    ['proofs', { dpop_signing_alg_values_supported: ['ES256', 'EdDSA'] }, 'DPoP SecretAuthentication'],
    ['proofs, but not ours', { dpop_signing_alg_values_supported: ['RS256'] }, 'SecretAuthentication'],
    [
      'users, by default',
      { registration_endpoint: endpoint, authorization_endpoint: endpoint },
      'AuthorizationCode Compare Deregister Register SecretAuthentication Update',
    ],
    [
      'users of applications that cannot log in',
      {
        registration_endpoint: endpoint,
        authorization_endpoint: endpoint,
        token_endpoint_auth_methods_supported: ['none'],
        code_challenge_methods_supported: ['plain', 'S256'],
      },
      'AuthorizationCode Compare Deregister PublicClient Register Update',
    ],
    [
      'the same without a challenge that anybody could not answer',
      {
        registration_endpoint: endpoint,
        authorization_endpoint: endpoint,
        token_endpoint_auth_methods_supported: ['none'],
        code_challenge_methods_supported: ['plain'],
      },
      'AuthorizationCode Compare Deregister Register Update',
    ],
    [
      'users, but by no code',
      {
        registration_endpoint: endpoint,
        authorization_endpoint: endpoint,
        grant_types_supported: ['client_credentials', 'implicit'],
      },
      'Compare Deregister Register SecretAuthentication Update',
    ],
    [
      'users, but no registration',
      { authorization_endpoint: endpoint, grant_types_supported: ['authorization_code'] },
      'SecretAuthentication',
    ],
    [
      'our extensions',
      {
        registration_endpoint: endpoint,
        grantor_registration_supported: true,
        grantor_registration_idempotent: true,
        grantor_workload_federation_supported: true,
        grantor_client_tokens_revocation_supported: true,
      },
      'BoundAssertions Compare Deregister EnforceCeiling FederatedAuthentication IdempotentRegister Register RevokeAll SecretAuthentication TenantClaims Update',
    ],
    [
      'secrets of our choice',
      {
        registration_endpoint: endpoint,
        grantor_registration_supported: true,
        grantor_client_secret_digests_supported: true,
      },
      'BoundAssertions ChooseSecret Compare Deregister EnforceCeiling Register SecretAuthentication SecretOverlap TenantClaims Update',
    ],
    [
      'secrets of our choice, but not the member that names them',
      { registration_endpoint: endpoint, grantor_client_secret_digests_supported: true },
      'Compare Deregister Register SecretAuthentication Update',
    ],
    [
      'extensions as words',
      { registration_endpoint: endpoint, grantor_registration_supported: 'true' },
      'Compare Deregister Register SecretAuthentication Update',
    ],
    [
      'revocation of what nobody can manage',
      { grantor_client_tokens_revocation_supported: true },
      'SecretAuthentication',
    ],
    [
      'federation without the member that names the workload',
      { registration_endpoint: endpoint, grantor_workload_federation_supported: true },
      'Compare Deregister Register SecretAuthentication Update',
    ],
  ])('with %s', (_, members, expected) => {
    expect(names(members)).toBe(expected);
  });
});

test.each([
  ['ClientAssertion', ['client_credentials'], true],
  ['JWTBearer', ['client_credentials'], false],
  ['JWTBearer', undefined, false],
  ['JWTBearer', ['urn:ietf:params:oauth:grant-type:jwt-bearer'], true],
  ['TokenExchange', ['urn:ietf:params:oauth:grant-type:jwt-bearer'], false],
  ['TokenExchange', ['urn:ietf:params:oauth:grant-type:token-exchange'], true],
] as const)('workloads show their tokens by %s where the grants are %j: %s', (by, grantTypes, can) => {
  const server = metadata({
    registration_endpoint: endpoint,
    grantor_registration_supported: true,
    grantor_workload_federation_supported: true,
    ...(grantTypes && { grant_types_supported: grantTypes }),
  });
  expect(capabilitiesOf(server, by).has('FederatedAuthentication')).toBe(can);
});

test.each([
  [undefined, 'client_secret_basic'],
  [['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
  [['client_secret_post'], 'client_secret_post'],
  [['none'], undefined],
])('clients log in with a secret, where %j is supported, by %s', (supported, expected) => {
  const members = supported === undefined ? {} : { token_endpoint_auth_methods_supported: supported };
  expect(secretMethod(metadata(members))).toBe(expected);
});
