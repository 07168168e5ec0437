import { expect, test } from 'vitest';
import { redact } from './redact.ts';

// Put together, so that nobody who searches this file takes them for real.
const jwt = ['eyJhbGciOiJFUzI1NiJ9', 'eyJzdWIiOiJhIn0', 'c2lnbmF0dXJlLXRoYXQtaXMtbm9uZQ'].join('.');
const opaque = ['made', 'up', 'for', 'this', 'row'].join('-');

test.each([
  ['a JWT', `the answer was ${jwt}, it said`],
  ['a JWT that was cut off', jwt.slice(0, 40)],
  ['a bearer token', `Authorization: Bearer ${opaque}`],
  ['basic credentials', `authorization: basic ${btoa(opaque)}`],
  ['a member of JSON', `{"client_secret":"${opaque}"}`],
  ['a member of JSON within JSON', JSON.stringify(JSON.stringify({ access_token: opaque }))],
  ['the private part of a JWK', `{"kty":"EC","d":"${opaque}"}`],
  ['a parameter', `grant_type=x&client_assertion=${opaque}&scope=y`],
  ['a password in a URL', `https://admin:${opaque}@login.example/`],
  ['a private key', `-----BEGIN EC PRIVATE KEY-----\n${opaque}\n-----END EC PRIVATE KEY-----`],
])('takes out %s', (_, text) => {
  const result = redact(text);
  expect(result).toContain('[redacted]');
  for (const secret of [opaque, btoa(opaque), jwt.slice(10, 40)]) expect(result).not.toContain(secret);
});

test.each([
  'TenantScope acme does not allow admin; allowed: invoices.*, openid',
  '{"kind":"OAuthClient","spec":{"authentication":{"secret":{"secretRef":{"name":"credentials"}}}}}',
  '{"level":"info","kid":"k1","msg":"token issued"}',
  'https://login.example/realms/prod?scope=openid',
])('leaves alone what is no secret: %s', (text) => {
  expect(redact(text)).toBe(text);
});
