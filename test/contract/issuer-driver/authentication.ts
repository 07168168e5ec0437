import { describe, expect, test } from 'vitest';
import type {
  DesiredClient,
  FederationMethod,
  PublicKey,
  Workload,
} from '../../../src/domain/desired-client.ts';
import type { IssuerFailure } from '../../../src/ports/issuer-failure.ts';
import type { RegisteredClient } from '../../../src/ports/registered-client.ts';
import type { Result } from '../../../src/std/result.ts';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, aKey, aWorkload, grantFor, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere, testWhere } from './where.ts';

const federationMethods: readonly FederationMethod[] = ['ClientAssertion', 'JWTBearer', 'TokenExchange'];

/** Servers call a credential that they don't take by several names, but never that of a failure of theirs. */
const isRefused = (outcome: Result<unknown, IssuerFailure>): boolean =>
  !outcome.ok && (outcome.error.kind === 'unauthorized' || outcome.error.kind === 'rejected');

export function describeAuthentication(suite: Suite): void {
  describeWhere(suite.can('PrivateKeyAuthentication'))('a client with a private key', () => {
    const withKeys = (...publicKeys: readonly PublicKey[]): DesiredClient['authentication'] => ({
      method: 'PrivateKey',
      publicKeys,
    });
    const login = (client: RegisteredClient, privateKey: Secret<PublicKey>) =>
      suite.driver.requestToken(
        grantFor(client, { authentication: { method: 'PrivateKey', privateKey } }),
        aCall(),
      );

    test('logs in with the key that was registered, again and again, and with no other', async () => {
      const [ours, theirs] = [aKey(), aKey()];
      const client = await suite.registered(suite.aClient({ authentication: withKeys(ours.publicKey) }));
      expect(await login(client, ours.privateKey)).toMatchObject({ ok: true });
      expect(await login(client, ours.privateKey)).toMatchObject({ ok: true });
      expect(isRefused(await login(client, theirs.privateKey))).toBe(true);
    });

    testWhere(suite.can('Update'))(
      'logs in with the old key and the new one until the old is left out',
      async () => {
        const [older, newer] = [aKey(), aKey()];
        const wanted = suite.aClient({ authentication: withKeys(older.publicKey) });
        const client = await suite.registered(wanted);
        const update = async (registration: RegisteredClient, ...keys: readonly PublicKey[]) =>
          valueOf(
            await suite.driver.update(
              registration,
              { ...wanted, authentication: withKeys(...keys) },
              aCall(),
            ),
          );
        const both = await update(client, newer.publicKey, older.publicKey);
        expect(await login(both, older.privateKey)).toMatchObject({ ok: true });
        expect(await login(both, newer.privateKey)).toMatchObject({ ok: true });
        const one = await update(both, newer.publicKey);
        expect(isRefused(await login(one, older.privateKey))).toBe(true);
        expect(await login(one, newer.privateKey)).toMatchObject({ ok: true });
      },
    );
  });

  describe.each(suite.federation)('a client whose workload logs in by %s', (by) => {
    const login = async (client: RegisteredClient, how: FederationMethod, workload: Workload) => {
      const assertion = await suite.under.assertionOf(workload);
      return suite.driver.requestToken(
        grantFor(client, { authentication: { method: 'Federated', by: how, assertion } }),
        aCall(),
      );
    };
    const registeredFor = (workload: Workload) =>
      suite.registered(suite.aClient({ authentication: { method: 'Federated', by, workload } }));

    test("takes the registered workload's ServiceAccount token, again and again, and no other's", async () => {
      const workload = aWorkload(suite.under.cluster);
      const client = await registeredFor(workload);
      expect(await login(client, by, workload)).toMatchObject({ ok: true });
      expect(await login(client, by, workload)).toMatchObject({ ok: true });
      const other = { ...workload, subject: aWorkload(suite.under.cluster).subject };
      expect(isRefused(await login(client, by, other))).toBe(true);
    });

    testWhere(suite.has('KnowsServiceAccountUID'))("does not take a successor's", async () => {
      const workload = aWorkload(suite.under.cluster);
      const client = await registeredFor(workload);
      expect(isRefused(await login(client, by, { ...workload, uid: 'uid-of-a-successor' }))).toBe(true);
    });

    testWhere(suite.can('BoundAssertions'))("does not take that of another client's workload", async () => {
      const [ours, theirs] = [aWorkload(suite.under.cluster), aWorkload(suite.under.cluster)];
      const client = await registeredFor(ours);
      await registeredFor(theirs);
      expect(isRefused(await login(client, by, theirs))).toBe(true);
    });

    test.each(federationMethods.filter((method) => method !== by))('takes no token by %s', async (other) => {
      const workload = aWorkload(suite.under.cluster);
      const client = await registeredFor(workload);
      expect(isRefused(await login(client, other, workload))).toBe(true);
    });
  });

  describeWhere(suite.can('SecretAuthentication'))('a client with a secret', () => {
    const refused = (oauthError: string) => ({ ok: false, error: { kind: 'unauthorized', oauthError } });

    test('logs in with no other, and an unknown client with none', async () => {
      const client = await suite.registered();
      const authentication = { method: 'Secret' as const, clientSecret: new Secret('wrong') };
      const wrong = await suite.driver.requestToken(grantFor(client, { authentication }), aCall());
      expect(wrong).toMatchObject(refused(suite.refusals.wrongSecret));
      const unknown = await suite.driver.requestToken({ ...grantFor(client), clientID: 'nobody' }, aCall());
      expect(unknown).toMatchObject(refused(suite.refusals.unknownClient));
    });
  });
}
