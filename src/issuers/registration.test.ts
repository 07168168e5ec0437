import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { aCall, aDrivenQuirkyIssuer } from '../../test/fakes/driven-quirky-issuer.ts';
import * as quirky from '../../test/fakes/quirky-issuer.ts';
import type { DesiredClient } from '../domain/desired-client.ts';
import type { Registration } from '../domain/registration-record.ts';
import { minutes } from '../std/duration.ts';
import { ok } from '../std/result.ts';
import { Secret } from '../std/secret.ts';

const { issuer, aDriver } = await aDrivenQuirkyIssuer();
const clientPath = `${quirky.registrationPath}/client-1`;
const lastTo = (path: string) => issuer.requests.findLast((request) => request.path === path);

const aClient = (client: Partial<DesiredClient> = {}): DesiredClient => ({
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
  authentication: { method: 'Secret', secrets: [] },
  ...client,
});

const aRegistration = (registration: Partial<Registration> = {}): Registration => ({
  clientID: 'client-1',
  registrationClientURI: issuer.identifier + clientPath,
  registrationAccessToken: new Secret('rat-0'),
  ...registration,
});

/** Registers as it should, but for these members of the answer. */
const registersWith =
  (members: Record<string, unknown>): quirky.Quirk =>
  (exchange) =>
    quirky.json(exchange, 201, { ...quirky.registrationAnswer(exchange, 'rat-1'), ...members });

describe('registering', () => {
  test('sends what is wanted with the initial access token and keeps what comes back', async () => {
    const driver = aDriver({ initialAccessToken: async () => ok(new Secret('initial-1')) });
    const outcome = await driver.register(aClient(), aCall());
    expect(outcome).toEqual(
      ok({
        clientID: 'client-1',
        registrationClientURI: issuer.identifier + clientPath,
        registrationAccessToken: new Secret('rat-1'),
        clientSecret: new Secret('correct-horse-battery-staple-1'),
      }),
    );
    expect(outcome.ok && outcome.value.registrationAccessToken?.reveal()).toBe('rat-1');
    expect(lastTo(quirky.registrationPath)?.headers.authorization).toBe('Bearer initial-1');
  });

  test.each([
    ['other scopes', { scope: 'invoices.read' }, 'scope'],
    ['more scopes', { scope: 'invoices.read invoices.write admin' }, 'scope'],
    ['another way to log in', { token_endpoint_auth_method: 'none' }, 'token_endpoint_auth_method'],
    ['other grant types', { grant_types: ['authorization_code'] }, 'grant_types'],
    ['bound tokens', { dpop_bound_access_tokens: true }, 'dpop_bound_access_tokens'],
    ['redirect URIs', { redirect_uris: ['https://evil.example/'] }, 'redirect_uris'],
    ['another mark', { software_id: 'somebody-else' }, 'software_id'],
  ])('refuses %s, says so, and takes the client back', async (_, members, difference) => {
    issuer.quirk(quirky.registrationPath, registersWith(members));
    const outcome = await aDriver().register(aClient(), aCall());
    const detail = `registration: the issuer registered another ${difference} than was asked for; that client was deleted again`;
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected', detail } });
    expect(issuer.requests.at(-1)).toMatchObject({ method: 'DELETE', path: clientPath });
  });

  const callback = 'https://app.acme.example/callback';
  const forUsers = aClient({
    grantTypes: ['ClientCredentials', 'AuthorizationCode'],
    redirectURIs: [callback],
  });

  test('sends redirect URIs as they stand, and takes them back as sent', async () => {
    expect(await aDriver().register(forUsers, aCall())).toMatchObject({ ok: true });
    const sent = JSON.parse(lastTo(quirky.registrationPath)?.body ?? '{}') as object;
    expect(sent).toMatchObject({ redirect_uris: [callback], response_types: ['code'] });
  });

  test.each([
    ['one more', { redirect_uris: [callback, 'https://evil.example/'] }, 'redirect_uris'],
    ['another in its place', { redirect_uris: [`${callback}/`] }, 'redirect_uris'],
    ['two in one', { redirect_uris: [`${callback} https://evil.example/`] }, 'redirect_uris'],
    ['none, or says nothing of them', { redirect_uris: undefined }, 'redirect_uris'],
    ['them for tokens too', { response_types: ['code', 'token'] }, 'response_types'],
  ])('takes the client back where the issuer registers %s', async (_, members, difference) => {
    issuer.quirk(quirky.registrationPath, registersWith(members));
    const outcome = await aDriver().register(forUsers, aCall());
    expect(!outcome.ok && outcome.error.detail).toContain(`another ${difference} than was asked for`);
    expect(issuer.requests.at(-1)).toMatchObject({ method: 'DELETE', path: clientPath });
  });

  test.each([
    ['says that it binds tokens', {}, true],
    ['says nothing of it', { dpop_bound_access_tokens: undefined }, false],
    ['says that it does not', { dpop_bound_access_tokens: false }, false],
  ])('of a client that proves to have a key takes an answer only if it %s', async (_, members, ok) => {
    issuer.quirk(quirky.registrationPath, registersWith(members));
    const outcome = await aDriver().register(aClient({ proofOfPossession: 'DPoP' }), aCall());
    expect(outcome.ok || outcome.error.detail).toEqual(
      ok || expect.stringContaining('another dpop_bound_access_tokens than was asked for'),
    );
  });

  test('keeps hold of a client that is not what was asked for and cannot be deleted again', async () => {
    const members = {
      scope: 'admin',
      registration_client_uri: undefined,
      registration_access_token: undefined,
    };
    issuer.quirk(quirky.registrationPath, registersWith(members));
    const outcome = await aDriver().register(aClient(), aCall());
    expect(outcome).toMatchObject({
      error: { kind: 'rejected', registered: { clientID: 'client-1' } },
    });
    expect(!outcome.ok && outcome.error.detail).toContain('that client could not be deleted again');
  });

  test('refuses a client secret that will expire, and takes the client back', async () => {
    issuer.quirk(quirky.registrationPath, registersWith({ client_secret_expires_at: 2_000_000_000 }));
    const outcome = await aDriver().register(aClient(), aCall());
    expect(!outcome.ok && outcome.error.detail).toContain('client_secret_expires_at');
    expect(issuer.requests.at(-1)).toMatchObject({ method: 'DELETE', path: clientPath });
  });

  test('takes an expiring secret that the client does not log in with', async () => {
    issuer.quirk(quirky.registrationPath, registersWith({ client_secret_expires_at: 2_000_000_000 }));
    const publicKey = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
    const outcome = await aDriver().register(
      aClient({ authentication: { method: 'PrivateKey', publicKeys: [publicKey] } }),
      aCall(),
    );
    expect(outcome).toMatchObject({ ok: true });
  });

  test.each([
    ['scopes in another order', { scope: 'invoices.write invoices.read' }],
    [
      'defaults of its own',
      { id_token_signed_response_alg: 'RS256', subject_type: 'public', contacts: null },
    ],
    [
      'members left out',
      { scope: undefined, software_id: undefined, grant_types: undefined, redirect_uris: undefined },
    ],
    ['a default for responses that go nowhere', { response_types: ['code'], redirect_uris: null }],
    ['no way to manage it', { registration_client_uri: undefined, registration_access_token: undefined }],
  ])('takes %s', async (_, members) => {
    issuer.quirk(quirky.registrationPath, registersWith(members));
    expect(await aDriver().register(aClient(), aCall())).toMatchObject({ ok: true });
  });

  test.each([
    ['a client_id with a line break', { client_id: 'client\n1' }],
    ['no client_id', { client_id: undefined }],
    ['a management URL elsewhere', { registration_client_uri: 'https://evil.example/register/1' }],
    ['a management URL without TLS', { registration_client_uri: 'http://127.0.0.1/register/1' }],
    ['a secret with a NUL', { client_secret: 'correct-horse\0' }],
  ])('can not use an answer with %s, and gives nothing of it away', async (_, members) => {
    issuer.quirk(quirky.registrationPath, registersWith(members));
    const outcome = await aDriver().register(aClient(), aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'malformed' } });
    expect(inspect(outcome, { depth: 20 })).not.toMatch(/rat-1|correct-horse/);
  });

  describe('where the grantor member is announced', () => {
    const announced = (): void => {
      const metadata = {
        ...quirky.metadataOf(issuer.identifier),
        grantor_registration_supported: true,
        grantor_registration_idempotent: true,
      };
      issuer.quirk(quirky.discoveryPath, quirky.answer(200, metadata));
    };

    test('sends the ceiling and takes it back as sent', async () => {
      announced();
      expect(await aDriver().register(aClient(), aCall())).toMatchObject({ ok: true });
    });

    test.each([
      ['left out', undefined],
      [
        'with a longer life',
        {
          tenantID: 'acme',
          roles: ['biller'],
          audiences: ['https://api.acme.example'],
          accessTokenLifetime: 3600,
        },
      ],
    ])(
      'refuses a ceiling that comes back %s, and deletes nothing that may have been there before',
      async (_, grantor) => {
        announced();
        issuer.quirk(quirky.registrationPath, registersWith({ grantor }));
        const outcome = await aDriver().register(aClient(), aCall());
        expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected' } });
        expect(issuer.requests.at(-1)?.method).toBe('POST');
      },
    );
  });
});

describe('updating', () => {
  test('replaces all of it with the registration access token and returns the rotated one', async () => {
    const outcome = await aDriver().update(aRegistration(), aClient({ scopes: ['invoices.read'] }), aCall());
    expect(outcome.ok && outcome.value.registrationAccessToken?.reveal()).toBe('rat-2');
    const sent = lastTo(clientPath);
    expect(sent).toMatchObject({ method: 'PUT', headers: { authorization: 'Bearer rat-0' } });
    const body = JSON.parse(sent?.body ?? '{}') as Record<string, unknown>;
    expect(body).toMatchObject({ client_id: 'client-1', scope: 'invoices.read' });
    // RFC 7592 section 2.2: these must not be sent back.
    for (const member of [
      'registration_access_token',
      'registration_client_uri',
      'client_secret_expires_at',
      'client_id_issued_at',
    ]) {
      expect(body).not.toHaveProperty(member);
    }
  });

  test('keeps the registration access token where it is not rotated', async () => {
    issuer.quirk(clientPath, (exchange) => {
      const { registration_access_token: _, ...answer } = quirky.registrationAnswer(exchange, '');
      quirky.json(exchange, 200, answer);
    });
    const outcome = await aDriver().update(aRegistration(), aClient(), aCall());
    expect(outcome.ok && outcome.value.registrationAccessToken?.reveal()).toBe('rat-0');
  });

  test('keeps the credentials of an answer that it refuses: the former ones are void', async () => {
    issuer.quirk(clientPath, (exchange) =>
      quirky.json(exchange, 200, { ...quirky.registrationAnswer(exchange, 'rat-2'), scope: 'admin' }),
    );
    const outcome = await aDriver().update(aRegistration(), aClient(), aCall());
    expect(outcome).toMatchObject({ error: { kind: 'rejected', registered: { clientID: 'client-1' } } });
    expect(!outcome.ok && outcome.error.registered?.registrationAccessToken?.reveal()).toBe('rat-2');
    expect(inspect(outcome, { depth: 20 })).not.toMatch(/rat-2|correct-horse/);
  });

  test('refuses an answer about another client', async () => {
    issuer.quirk(clientPath, (exchange) =>
      quirky.json(exchange, 200, { ...quirky.registrationAnswer(exchange, 'rat-2'), client_id: 'client-2' }),
    );
    const outcome = await aDriver().update(aRegistration(), aClient(), aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'malformed' } });
  });

  test('says so where the issuer has no RFC 7592', async () => {
    const outcome = await aDriver().update({ clientID: 'client-1' }, aClient(), aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected' } });
  });

  test('sends its token nowhere but to the issuer', async () => {
    const elsewhere = aRegistration({ registrationClientURI: 'https://evil.example/register/client-1' });
    const outcome = await aDriver().update(elsewhere, aClient(), aCall());
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'malformed' } });
  });
});

test.each<[string, quirky.Quirk, object]>([
  ['204', quirky.answer(204, ''), { ok: true }],
  ['200', quirky.answer(200, {}), { ok: true }],
  ['404', quirky.answer(404, { error: 'not_found' }), { ok: true }],
  ['404 with a web page', quirky.webPage(404), { ok: false, error: { kind: 'malformed' } }],
  [
    '401',
    quirky.answer(401, { error: 'invalid_token' }),
    { ok: false, error: { kind: 'unauthorized', oauthError: 'invalid_token' } },
  ],
  ['403', quirky.answer(403, {}), { ok: false, error: { kind: 'unauthorized' } }],
  ['405', quirky.answer(405, { error: 'unsupported' }), { ok: false, error: { kind: 'rejected' } }],
  ['500', quirky.answer(500, {}), { ok: false, error: { kind: 'unavailable' } }],
])('deleting a client that is answered with %s', async (_, quirk, expected) => {
  issuer.quirk(clientPath, quirk);
  expect(await aDriver().deregister(aRegistration(), 'mark', aCall())).toMatchObject(expected);
});

test('updating a client that the issuer does not know is notFound, and nothing else is', async () => {
  issuer.quirk(clientPath, quirky.answer(404, {}));
  expect(await aDriver().update(aRegistration(), aClient(), aCall())).toMatchObject({
    error: { kind: 'notFound' },
  });
  issuer.quirk(clientPath, quirky.webPage(404));
  expect(await aDriver().update(aRegistration(), aClient(), aCall())).toMatchObject({
    error: { kind: 'malformed' },
  });
});
