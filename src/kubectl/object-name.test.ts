import { expect, test } from 'vitest';
import { parseReference } from './object-name.ts';

test.each([
  ['oauthclient/billing', 'OAuthClient billing'],
  ['oauthclients/billing', 'OAuthClient billing'],
  ['oac/billing', 'OAuthClient billing'],
  ['OAuthClient/billing', 'OAuthClient billing'],
  ['wib.grantor.dev/api', 'WorkloadIdentityBinding api'],
  ['tscope/acme', 'TenantScope acme'],
  ['oauthissuers.grantor.dev/main', 'OAuthIssuer main'],
])('%s is %s', (text, expected) => {
  const parsed = parseReference(text);
  expect(parsed.ok && `${parsed.value.kind.kind} ${parsed.value.name}`).toBe(expected);
});

test.each([
  ['pod/x', 'there is no kind "pod"'],
  ['billing', '"billing" is not KIND/NAME'],
  ['oac/', '"oac/" is not KIND/NAME'],
  ['oac/a/b', '"oac/a/b" is not KIND/NAME'],
  ['', '"" is not KIND/NAME'],
])('"%s" is refused with the kinds there are', (text, message) => {
  expect(parseReference(text)).toMatchObject({
    ok: false,
    error: { exit: 'usage', message, remedy: expect.stringContaining('oauthissuer/NAME (oiss)') as string },
  });
});
