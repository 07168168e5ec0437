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
  ['a member of JSON with escapes', JSON.stringify({ client_secret: `a"${opaque}\\"b${opaque}\\` })],
  [
    'a member of JSON within JSON with escapes',
    JSON.stringify({ said: JSON.stringify({ token: `"a\\"${opaque}"\n${opaque}\\` }) }),
  ],
  ['a member of JSON with escapes that was cut off', `{"password":"a\\"${opaque}`],
  ['a member of JSON that was cut off after a backslash', `{"password":"${opaque}\\`],
  ['a member without quotes', `client_secret: "a\\"${opaque}"`],
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

test('takes out no more than the value', () => {
  const line = { secret: `a"${opaque}\\`, msg: 'refused' };
  const told = { secret: '[redacted]', msg: 'refused' };
  expect(redact(JSON.stringify(line))).toBe(JSON.stringify(told));
  const within = (value: object): string =>
    JSON.stringify({ said: JSON.stringify({ said: JSON.stringify(value) }) });
  expect(redact(within(line))).toBe(within(told));
});

test.each([
  '{"secret":"","msg":"refused"}',
  'TenantScope acme does not allow admin; allowed: invoices.*, openid',
  '{"kind":"OAuthClient","spec":{"authentication":{"secret":{"secretRef":{"name":"credentials"}}}}}',
  '{"level":"info","kid":"k1","msg":"token issued"}',
  'https://login.example/realms/prod?scope=openid',
])('leaves alone what is no secret: %s', (text) => {
  expect(redact(text)).toBe(text);
});
