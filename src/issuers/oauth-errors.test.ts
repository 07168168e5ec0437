import { expect, test } from 'vitest';
import { aCall, aDrivenQuirkyIssuer, aGrant } from '../../test/fakes/driven-quirky-issuer.ts';
import { answer, tokenPath } from '../../test/fakes/quirky-issuer.ts';
import type { IssuerFailure } from '../ports/issuer-failure.ts';

const { issuer, aDriver } = await aDrivenQuirkyIssuer();

/** Every error that a token endpoint may answer, and what it means here. */
const rows: readonly [error: string, kind: IssuerFailure['kind']][] = [
  // RFC 6749 section 5.2
  ['invalid_request', 'rejected'],
  ['invalid_client', 'unauthorized'],
  ['invalid_grant', 'rejected'],
  ['unauthorized_client', 'rejected'],
  ['unsupported_grant_type', 'rejected'],
  ['invalid_scope', 'rejected'],
  // Of authorization endpoints (section 4.1.2.1), and answered by token endpoints all the same.
  ['access_denied', 'rejected'],
  ['server_error', 'unavailable'],
  ['temporarily_unavailable', 'unavailable'],
  // RFC 8707 section 2, RFC 9396 section 5, RFC 9449 section 5 and 8
  ['invalid_target', 'rejected'],
  ['invalid_authorization_details', 'rejected'],
  ['invalid_dpop_proof', 'rejected'],
  ['use_dpop_nonce', 'rejected'],
  // RFC 8628 section 3.5
  ['authorization_pending', 'rejected'],
  ['slow_down', 'throttled'],
  ['expired_token', 'rejected'],
  // RFC 6750 section 3.1
  ['invalid_token', 'unauthorized'],
  ['insufficient_scope', 'rejected'],
  // Whatever comes after these.
  ['invented_yesterday', 'rejected'],
];

test.each(rows)('400 %s of a token request is %s', async (error, kind) => {
  const driver = aDriver();
  await driver.discover(aCall());
  issuer.quirk(tokenPath, answer(400, { error }));
  const outcome = await driver.requestToken(aGrant(), aCall());
  expect(outcome).toMatchObject({ ok: false, error: { kind, oauthError: error } });
});

test.each(rows)('200 %s of a token request is malformed', async (error) => {
  const driver = aDriver();
  await driver.discover(aCall());
  issuer.quirk(tokenPath, answer(200, { error }));
  const outcome = await driver.requestToken(aGrant(), aCall());
  expect(outcome).toMatchObject({ ok: false, error: { kind: 'malformed', oauthError: error } });
});
