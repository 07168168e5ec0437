import * as jose from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Capability } from '../../src/domain/capability.ts';
import type { DesiredClient, PublicKey, Workload } from '../../src/domain/desired-client.ts';
import type { IssuedToken, IssuerDriver } from '../../src/ports/issuer-driver.ts';
import type { RegisteredClient } from '../../src/ports/registered-client.ts';
import { minutes } from '../../src/std/duration.ts';
import type { Result } from '../../src/std/result.ts';
import { Secret } from '../../src/std/secret.ts';
import {
  aCall,
  aClient,
  aKey,
  audience,
  aWorkload,
  bySecret,
  grantFor,
  valueOf,
} from './issuer-driver-data.ts';

/** One driver in front of one empty issuer that can do everything. */
export interface DriverUnderTest {
  readonly driver: IssuerDriver;
  /** `iss` of ServiceAccount tokens that the issuer trusts. */
  readonly cluster: string;
  /** A ServiceAccount token of this workload that the issuer accepts. */
  assertionOf(workload: Workload): Promise<Secret>;
  /** What the issuer says of a token of this client when it is introspected. */
  isActive(token: IssuedToken, client: RegisteredClient): Promise<boolean>;
  /** Another driver in front of the same issuer, for a test that closes it. */
  another(): IssuerDriver;
  close(): Promise<void>;
}

/** What every implementation of `IssuerDriver` does, the fake included: if one could tell them apart, a test with the fake would prove nothing. */
export function describeIssuerDriver(name: string, create: () => Promise<DriverUnderTest>): void {
  describe(`${name} as an IssuerDriver`, () => {
    let under: DriverUnderTest;
    let driver: IssuerDriver;
    let capabilities: ReadonlySet<Capability>;
    beforeAll(async () => {
      under = await create();
      driver = under.driver;
      capabilities = valueOf(await driver.discover(aCall()));
    });
    afterAll(() => under.close());

    const registered = async (
      client: DesiredClient,
    ): Promise<RegisteredClient & Pick<DesiredClient, 'mark'>> => ({
      ...valueOf(await driver.register(client, aCall())),
      mark: client.mark,
    });

    describe('discover', () => {
      test('says what the issuer can do', async () => {
        const found = valueOf(await driver.discover(aCall()));
        const needed = [
          'Register',
          'IdempotentRegister',
          'Update',
          'Deregister',
          'EnforceCeiling',
          'FederatedAuthentication',
        ] as const;
        for (const capability of [
          ...needed,
          'PrivateKeyAuthentication',
          'SecretAuthentication',
          'DPoP',
          'Revoke',
          'RevokeAll',
        ] as const) {
          expect(found).toContain(capability);
        }
      });
    });

    describe('register', () => {
      test('gives the client an id and what it takes to manage it', async () => {
        const client = await registered(aClient());
        expect(client.clientID).toMatch(/^[\x21-\x7e]{1,256}$/);
        expect(client.registrationClientURI).toMatch(/^https:/);
        expect(client.registrationAccessToken).toBeInstanceOf(Secret);
        expect(client.clientSecret).toBeInstanceOf(Secret);
      });

      test('answers a known mark with the same client, its secret kept, and it can be managed', async () => {
        const client = aClient();
        const first = await registered(client);
        const second = await registered({ ...client, scopes: ['invoices.write'] });
        expect(second.clientID).toBe(first.clientID);
        expect(second.clientSecret?.reveal()).toBe(first.clientSecret?.reveal());
        const wanted = await driver.requestToken(grantFor(second, { scopes: ['invoices.write'] }), aCall());
        expect(wanted).toMatchObject({ ok: true });
        const former = await driver.requestToken(grantFor(second), aCall());
        expect(former).toMatchObject({ ok: false, error: { kind: 'rejected', oauthError: 'invalid_scope' } });
        expect(await driver.deregister(second, second.mark, aCall())).toMatchObject({ ok: true });
      });

      test('makes two clients of two marks', async () => {
        const [first, second] = [await registered(aClient()), await registered(aClient())];
        expect(second.clientID).not.toBe(first.clientID);
      });

      test('gives a workload to one client only', async () => {
        const workload = aWorkload(under.cluster);
        await registered(
          aClient({ authentication: { method: 'Federated', by: 'ClientAssertion', workload } }),
        );
        const second = await driver.register(
          aClient({ authentication: { method: 'Federated', by: 'ClientAssertion', workload } }),
          aCall(),
        );
        expect(second).toMatchObject({
          ok: false,
          error: { kind: 'rejected', oauthError: 'invalid_client_metadata' },
        });
      });
    });

    describe('requestToken', () => {
      test('gives a token with what was asked for and what the registration says', async () => {
        const client = await registered(aClient({ accessTokenLifetime: minutes(7) }));
        const token = valueOf(await driver.requestToken(grantFor(client), aCall()));
        expect(token).toMatchObject({ tokenType: 'Bearer', expiresIn: minutes(7) });
        expect(token.claims).toMatchObject({
          client_id: client.clientID,
          aud: audience,
          scope: 'invoices.read',
          tenant_id: 'acme',
          roles: ['biller'],
        });
        expect(Number(token.claims['exp']) - Number(token.claims['iat'])).toBe(420);
        expect(token.token.reveal()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      });

      test.each([
        ['scope', { scopes: ['invoices.read', 'admin'] }, 'invalid_scope'],
        ['audience', { audience: 'https://other.example' }, 'invalid_target'],
      ])('refuses a %s that the client is not registered for', async (_, more, oauthError) => {
        const client = await registered(aClient());
        const outcome = await driver.requestToken(grantFor(client, more), aCall());
        expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected', oauthError } });
      });

      test('accepts the key that was registered and no other', async () => {
        const [ours, theirs] = [await aKey(), await aKey()];
        const client = await registered(
          aClient({ authentication: { method: 'PrivateKey', publicKeys: [ours.publicKey] } }),
        );
        const by = (privateKey: Secret<PublicKey>) =>
          driver.requestToken(
            grantFor(client, { authentication: { method: 'PrivateKey', privateKey } }),
            aCall(),
          );
        expect(await by(ours.privateKey)).toMatchObject({ ok: true });
        expect(await by(ours.privateKey)).toMatchObject({ ok: true });
        expect(await by(theirs.privateKey)).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
      });

      test("accepts the registered workload's ServiceAccount token, again and again, and no other's", async () => {
        const workload = aWorkload(under.cluster);
        const client = await registered(
          aClient({ authentication: { method: 'Federated', by: 'ClientAssertion', workload } }),
        );
        const by = async (other: Partial<Workload>) => {
          const assertion = await under.assertionOf({ ...workload, ...other });
          return driver.requestToken(
            grantFor(client, { authentication: { method: 'Federated', by: 'ClientAssertion', assertion } }),
            aCall(),
          );
        };
        expect(await by({})).toMatchObject({ ok: true });
        expect(await by({})).toMatchObject({ ok: true });
        expect(await by({ uid: 'uid-of-a-successor' })).toMatchObject({
          ok: false,
          error: { kind: 'unauthorized' },
        });
        const subject = 'system:serviceaccount:acme:another';
        expect(await by({ subject })).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
      });

      test('binds a token to the key that it is asked for with, and gives no other to a client that is registered so', async () => {
        const client = await registered(aClient({ proofOfPossession: 'DPoP' }));
        const keys = [await aKey(), await aKey()];
        for (const { publicKey, privateKey: tokenKey } of keys) {
          const token = valueOf(await driver.requestToken(grantFor(client, { tokenKey }), aCall()));
          expect(token.tokenType).toBe('DPoP');
          expect(token.claims['cnf']).toEqual({ jkt: await jose.calculateJwkThumbprint(publicKey) });
          expect(await driver.revoke(token.token, grantFor(client), aCall())).toMatchObject({ ok: true });
        }
        const unbound = await driver.requestToken(grantFor(client), aCall());
        expect(unbound).toMatchObject({ ok: false, error: { kind: 'rejected' } });
      });

      test('refuses a wrong secret and an unknown client alike', async () => {
        const client = await registered(aClient());
        const authentication = { method: 'Secret' as const, clientSecret: new Secret('wrong') };
        const wrong = await driver.requestToken(grantFor(client, { authentication }), aCall());
        const unknown = await driver.requestToken({ ...grantFor(client), clientID: 'nobody' }, aCall());
        for (const outcome of [wrong, unknown]) {
          expect(outcome).toMatchObject({
            ok: false,
            error: { kind: 'unauthorized', oauthError: 'invalid_client' },
          });
        }
      });
    });

    describe('a secret that we choose', () => {
      const by = (...values: readonly string[]): DesiredClient['authentication'] => ({
        method: 'Secret',
        secrets: values.map((value, n) => ({ revision: values.length - n, value: new Secret(value) })),
      });
      const [older, newer] = ['a-secret-that-is-being-replaced-1234', 'a-secret-that-replaces-another-5678'];
      const login = async (client: RegisteredClient, value: string): Promise<string> => {
        const authentication = { method: 'Secret' as const, clientSecret: new Secret(value) };
        const outcome = await driver.requestToken(grantFor(client, { authentication }), aCall());
        return outcome.ok ? 'ok' : outcome.error.kind;
      };

      test('is the one that the client logs in with', async ({ skip }) => {
        skip(!capabilities.has('ChooseSecret'));
        const client = await registered(aClient({ authentication: by(older) }));
        expect([await login(client, older), await login(client, newer)]).toEqual(['ok', 'unauthorized']);
      });

      test('works beside the one before until that is left out', async ({ skip }) => {
        skip(!capabilities.has('SecretOverlap'));
        const wanted = aClient({ authentication: by(older) });
        const client = await registered(wanted);
        const both = valueOf(
          await driver.update(client, { ...wanted, authentication: by(newer, older) }, aCall()),
        );
        expect([await login(client, older), await login(client, newer)]).toEqual(['ok', 'ok']);
        const one = { ...wanted, authentication: by(newer) };
        expect(await driver.update(both, one, aCall())).toMatchObject({ ok: true });
        expect([await login(client, older), await login(client, newer)]).toEqual(['unauthorized', 'ok']);
      });
    });

    describe('update', () => {
      test('changes what the client gets and keeps its id', async () => {
        const wanted = aClient();
        const client = await registered(wanted);
        const updated = valueOf(
          await driver.update(client, { ...wanted, scopes: ['invoices.audit'], roles: [] }, aCall()),
        );
        expect(updated.clientID).toBe(client.clientID);
        const authentication = bySecret({ ...client, ...updated });
        const grant = grantFor(client, { authentication, scopes: ['invoices.audit'] });
        expect(valueOf(await driver.requestToken(grant, aCall())).claims['roles']).toEqual([]);
        expect((await driver.requestToken({ ...grant, scopes: ['invoices.read'] }, aCall())).ok).toBe(false);
      });

      test('can be repeated with what the last one answered', async () => {
        const wanted = aClient();
        let registration: RegisteredClient = await registered(wanted);
        for (const roles of [['a'], ['b']]) {
          registration = valueOf(await driver.update(registration, { ...wanted, roles }, aCall()));
        }
        expect(await driver.deregister(registration, wanted.mark, aCall())).toMatchObject({ ok: true });
      });

      test('takes everything from a withdrawn client but its id', async () => {
        const wanted = aClient();
        const client = await registered(wanted);
        const grant = grantFor(client);
        const withdrawn = await driver.update(
          client,
          { ...wanted, scopes: [], audiences: [], roles: [] },
          aCall(),
        );
        expect(withdrawn).toMatchObject({ ok: true });
        for (const scopes of [['invoices.read'], []]) {
          const outcome = await driver.requestToken({ ...grant, scopes }, aCall());
          expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected' } });
        }
      });

      test('needs the registration access token', async () => {
        const wanted = aClient();
        const client = await registered(wanted);
        const forged = { ...client, registrationAccessToken: new Secret('forged') };
        const outcome = await driver.update(forged, wanted, aCall());
        expect(outcome).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
      });
    });

    describe('compare', () => {
      test('finds no difference in what was registered, whatever the issuer made of its order and its defaults', async () => {
        const wanted = aClient();
        const client = await registered(wanted);
        const turned = { ...wanted, scopes: wanted.scopes.toReversed() };
        for (const same of [wanted, turned])
          expect(await driver.compare(client, same, aCall())).toMatchObject({
            ok: true,
            value: { differences: [] },
          });
      });

      test.each([
        ['scopes', { scopes: ['invoices.audit'] }],
        ['roles', { roles: [] }],
        ['audiences', { audiences: ['https://other.example'] }],
        ['lifetime', { accessTokenLifetime: minutes(3) }],
      ])('finds other %s', async (_, other) => {
        const wanted = aClient();
        const client = await registered(wanted);
        const { differences } = valueOf(await driver.compare(client, { ...wanted, ...other }, aCall()));
        expect(differences).toHaveLength(1);
      });

      test('does not find a client that is gone', async () => {
        const wanted = aClient();
        const client = await registered(wanted);
        await driver.deregister(client, client.mark, aCall());
        const outcome = await driver.compare(client, wanted, aCall());
        expect(outcome.ok || outcome.error.kind).toBeOneOf(['notFound', 'unauthorized']);
      });
    });

    describe('deregister', () => {
      test('ends the client', async () => {
        const client = await registered(aClient());
        expect(await driver.deregister(client, client.mark, aCall())).toMatchObject({ ok: true });
        const outcome = await driver.requestToken(grantFor(client), aCall());
        expect(outcome).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
      });

      // RFC 7592 section 2.3 lets a server say 401 here, which could as well be a wrong token. The mark settles it.
      test('of a client that is gone succeeds or says that the token is not valid; registering its mark again allows it', async () => {
        const wanted = aClient();
        const client = await registered(wanted);
        await driver.deregister(client, client.mark, aCall());
        const again = await driver.deregister(client, client.mark, aCall());
        expect(again.ok || again.error.kind).toBeOneOf([true, 'unauthorized']);
        expect(await driver.deregister(await registered(wanted), wanted.mark, aCall())).toMatchObject({
          ok: true,
        });
      });

      test('needs the registration access token of a client that lives', async () => {
        const client = await registered(aClient());
        const forged = { ...client, registrationAccessToken: new Secret('forged') };
        expect(await driver.deregister(forged, forged.mark, aCall())).toMatchObject({
          ok: false,
          error: { kind: 'unauthorized' },
        });
        expect(await driver.requestToken(grantFor(client), aCall())).toMatchObject({ ok: true });
      });
    });

    describe('revoke', () => {
      test('takes a token of the client, also twice', async () => {
        const client = await registered(aClient());
        const { token } = valueOf(await driver.requestToken(grantFor(client), aCall()));
        for (let n = 0; n < 2; n += 1)
          expect(await driver.revoke(token, grantFor(client), aCall())).toMatchObject({ ok: true });
      });

      test('needs the client', async () => {
        const client = await registered(aClient());
        const { token } = valueOf(await driver.requestToken(grantFor(client), aCall()));
        const clientSecret = new Secret('wrong');
        const { clientID } = client;
        const outcome = await driver.revoke(
          token,
          { clientID, authentication: { method: 'Secret', clientSecret } },
          aCall(),
        );
        expect(outcome).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
      });
    });

    describe('revokeAll', () => {
      test('ends every token of the client so far, also twice, and leaves those of others', async () => {
        const [client, other] = [await registered(aClient()), await registered(aClient())];
        const tokenOf = async (one: RegisteredClient) =>
          valueOf(await driver.requestToken(grantFor(one), aCall()));
        const [first, second, theirs] = [await tokenOf(client), await tokenOf(client), await tokenOf(other)];
        expect(await under.isActive(first, client)).toBe(true);
        for (let n = 0; n < 2; n += 1)
          expect(await driver.revokeAll(client, client.mark, aCall())).toMatchObject({ ok: true });
        expect(await under.isActive(first, client)).toBe(false);
        expect(await under.isActive(second, client)).toBe(false);
        expect(await under.isActive(theirs, other)).toBe(true);
      });

      test('ends what a withdrawn client still has, and leaves the client its id and its rights', async () => {
        const wanted = aClient();
        const client = await registered(wanted);
        const token = valueOf(await driver.requestToken(grantFor(client), aCall()));
        const nothing = { ...wanted, scopes: [], audiences: [], roles: [] };
        const withdrawn = valueOf(await driver.update(client, nothing, aCall()));
        expect(await driver.revokeAll(withdrawn, wanted.mark, aCall())).toMatchObject({ ok: true });
        expect(await under.isActive(token, client)).toBe(false);
        const restored = valueOf(await driver.update(withdrawn, wanted, aCall()));
        expect(restored.clientID).toBe(client.clientID);
        expect(await driver.requestToken(grantFor({ ...client, ...restored }), aCall())).toMatchObject({
          ok: true,
        });
      });

      test('needs the registration access token', async () => {
        const client = await registered(aClient());
        const token = valueOf(await driver.requestToken(grantFor(client), aCall()));
        const forged = { ...client, registrationAccessToken: new Secret('forged') };
        expect(await driver.revokeAll(forged, forged.mark, aCall())).toMatchObject({
          ok: false,
          error: { kind: 'unauthorized' },
        });
        expect(await under.isActive(token, client)).toBe(true);
      });
    });

    describe('every call', () => {
      test('fails as unavailable when its caller has stopped', async () => {
        const stopped = aCall(AbortSignal.abort());
        const client = await registered(aClient());
        const outcomes: ReadonlyArray<Result<unknown, unknown>> = [
          await driver.discover(stopped),
          await driver.register(aClient(), stopped),
          await driver.update(client, aClient(), stopped),
          await driver.deregister(client, client.mark, stopped),
          await driver.revokeAll(client, client.mark, stopped),
          await driver.requestToken(grantFor(client), stopped),
          await driver.revoke(new Secret('a.b.c'), grantFor(client), stopped),
        ];
        for (const outcome of outcomes)
          expect(outcome).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
      });

      test('fails as unavailable on a driver that was closed', async () => {
        const closed = under.another();
        await closed.close();
        expect(await closed.discover(aCall())).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
      });
    });
  });
}
