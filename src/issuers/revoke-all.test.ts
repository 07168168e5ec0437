import { describe, expect, test } from 'vitest';
import { aCall, aDrivenQuirkyIssuer } from '../../test/fakes/driven-quirky-issuer.ts';
import * as quirky from '../../test/fakes/quirky-issuer.ts';
import type { Registration } from '../domain/registration-record.ts';
import { systemClock } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import { ok } from '../std/result.ts';
import { systemRng } from '../std/rng.ts';
import { Secret } from '../std/secret.ts';
import { createStaticDriver } from './static-driver.ts';

const { issuer, aDriver } = await aDrivenQuirkyIssuer();
const tokensPath = `${quirky.registrationPath}/client-1/tokens`;

const aRegistration = (registration: Partial<Registration> = {}): Registration => ({
  clientID: 'client-1',
  registrationClientURI: `${issuer.identifier}${quirky.registrationPath}/client-1`,
  registrationAccessToken: new Secret('rat-0'),
  ...registration,
});

/** From now on the issuer says that it has the extension. */
const announce = (): void =>
  issuer.quirk(
    quirky.discoveryPath,
    quirky.answer(200, {
      ...quirky.metadataOf(issuer.identifier),
      grantor_client_tokens_revocation_supported: true,
    }),
  );

const deletions = () => issuer.requests.filter(({ method }) => method === 'DELETE');

describe('revoking all tokens of a client', () => {
  test('deletes the tokens beside the registration, with the registration access token', async () => {
    announce();
    expect(await aDriver().revokeAll(aRegistration(), 'mark', aCall())).toEqual(ok(undefined));
    expect(issuer.requests.at(-1)).toMatchObject({ method: 'DELETE', path: tokensPath, body: '' });
    expect(issuer.requests.at(-1)?.headers.authorization).toBe('Bearer rat-0');
  });

  test.each<[string, quirky.Quirk, object]>([
    ['200 and JSON', quirky.answer(200, {}), { kind: 'malformed' }],
    ['404', quirky.answer(404, { error: 'not_found' }), { kind: 'rejected' }],
    ['404 with a web page', quirky.webPage(404), { kind: 'malformed' }],
    ['401', quirky.answer(401, { error: 'invalid_token' }), { kind: 'unauthorized' }],
    ['503', quirky.webPage(503), { kind: 'unavailable' }],
    ['nothing', quirky.hangBeforeHeaders, { kind: 'unavailable' }],
  ])('has not succeeded when it is answered with %s', async (_, quirk, error) => {
    announce();
    issuer.quirk(tokensPath, quirk);
    expect(await aDriver().revokeAll(aRegistration(), 'mark', aCall())).toMatchObject({ ok: false, error });
  });

  test('is never sent to an issuer that does not announce it: there it could delete something else', async () => {
    const before = deletions().length;
    const outcome = await aDriver().revokeAll(aRegistration(), 'mark', aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected' } });
    expect(deletions()).toHaveLength(before);
  });

  test('needs the means to manage the client, and sends them nowhere but to the issuer', async () => {
    announce();
    const elsewhere = aRegistration({ registrationClientURI: 'https://evil.example/register/client-1' });
    expect(await aDriver().revokeAll(elsewhere, 'mark', aCall())).toMatchObject({
      error: { kind: 'malformed' },
    });
    expect(await aDriver().revokeAll({ clientID: 'client-1' }, 'mark', aCall())).toMatchObject({
      error: { kind: 'rejected' },
    });
  });

  test('is nothing that a static issuer has, whatever it announces', async () => {
    announce();
    const driver = createStaticDriver({
      issuer: issuer.identifier,
      caBundle: issuer.caBundle,
      limits: { requestsPerSecond: 10, burst: 10, concurrency: 2, timeout: seconds(2) },
      clock: systemClock,
      rng: systemRng,
    });
    const found = await driver.discover(aCall());
    expect(found.ok && found.value.has('RevokeAll')).toBe(false);
    expect(await driver.revokeAll(aRegistration(), 'mark', aCall())).toMatchObject({
      error: { kind: 'rejected' },
    });
    await driver.close();
  });
});
