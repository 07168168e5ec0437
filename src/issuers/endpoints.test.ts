import { describe, expect, test } from 'vitest';
import { checkMetadata, isHttpsURL, isNamed, wellKnownURLs } from './endpoints.ts';

const issuer = 'https://login.acme.example/realms/prod';
const metadata = {
  issuer,
  token_endpoint: 'https://tokens.acme.example/token',
  registration_endpoint: 'https://login.acme.example/register',
  jwks_uri: 'https://keys.acme.example/jwks',
  mtls_endpoint_aliases: {
    token_endpoint: 'https://mtls.acme.example/token',
    revocation_endpoint: 'http://mtls.acme.example/revoke',
  },
};

test('the discovery document is in two places', () => {
  expect(wellKnownURLs(issuer)).toEqual({
    oauth2: 'https://login.acme.example/.well-known/oauth-authorization-server/realms/prod',
    oidc: 'https://login.acme.example/realms/prod/.well-known/openid-configuration',
  });
  expect(wellKnownURLs('https://a.example/').oidc).toBe('https://a.example/.well-known/openid-configuration');
});

describe('rule 4: requests may go to', () => {
  test.each([
    ['the token endpoint, on another host too', 'https://tokens.acme.example/token', true],
    ['the keys', 'https://keys.acme.example/jwks', true],
    ['a registration', 'https://login.acme.example/register/client-1', true],
    ['the token endpoint for clients with certificates', 'https://mtls.acme.example/token', true],
    ['one for them without TLS', 'http://mtls.acme.example/revoke', false],
    ['another path of the token host', 'https://tokens.acme.example/admin', false],
    ['another host', 'https://evil.example/token', false],
    ['the same without TLS', 'http://tokens.acme.example/token', false],
    ['a registration on another port', 'https://login.acme.example:8443/register/client-1', false],
    ['a registration with a user', 'https://login.acme.example@evil.example/register', false],
  ])('%s: %s', (_, url, expected) => {
    expect(isNamed(metadata, url)).toBe(expected);
  });
});

test.each([
  'https://a.example/x#fragment',
  'https://user@a.example',
  'ftp://a.example',
  'a',
  '',
  5,
  `https://a.example/${'x'.repeat(2048)}`,
])('%j is no URL to send anything to', (url) => {
  expect(isHttpsURL(url)).toBe(false);
});

test.each([
  ['as it should be', {}, true],
  ['a name that differs in case', { issuer: 'https://LOGIN.acme.example/realms/prod' }, false],
  ['a name with a slash more', { issuer: `${issuer}/` }, false],
  ['no token endpoint', { token_endpoint: undefined }, false],
  ['a list as endpoint', { revocation_endpoint: ['https://a.example'] }, false],
])('a discovery document with %s', (_, members, expected) => {
  expect(checkMetadata(issuer, { ...metadata, ...members } as typeof metadata).ok).toBe(expected);
});
