import { describe, expect, test } from 'vitest';
import { generateCertifiedKeyPair } from '../../../src/controllers/client/certified-key-pair.ts';
import { tlsFiles } from '../../../src/delivery/tls-files.ts';
import type { Capability } from '../../../src/domain/capability.ts';
import type { DesiredClient, FederationMethod, Workload } from '../../../src/domain/desired-client.ts';
import { generateKeyPair, type KeyPair } from '../../../src/issuance/key-pair.ts';
import type { ClientAuthentication } from '../../../src/ports/issuer-driver.ts';
import type { IssuerFailure } from '../../../src/ports/issuer-failure.ts';
import type { RegisteredClient } from '../../../src/ports/registered-client.ts';
import type { Result } from '../../../src/std/result.ts';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, aWorkload, grantFor, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere, testWhere } from './where.ts';

const federationMethods: readonly FederationMethod[] = ['ClientAssertion', 'JWTBearer', 'TokenExchange'];

/** Servers call a credential that they don't take by several names, but never that of a failure of theirs. */
const isRefused = (outcome: Result<unknown, IssuerFailure>): boolean =>
  !outcome.ok && (outcome.error.kind === 'unauthorized' || outcome.error.kind === 'rejected');

/** A way to log in by a key that Grantor made. */
interface OwnKey {
  readonly what: string;
  readonly capability: Capability;
  readonly method: 'PrivateKey' | 'MutualTLS';
  readonly generate: () => KeyPair;
  readonly login: (pair: KeyPair) => ClientAuthentication;
}

const ownKeys: readonly OwnKey[] = [
  {
    what: 'a private key',
    capability: 'PrivateKeyAuthentication',
    method: 'PrivateKey',
    generate: generateKeyPair,
    login: ({ privateKey }) => ({ method: 'PrivateKey', privateKey }),
  },
  {
    what: 'a certificate',
    capability: 'MutualTLSAuthentication',
    method: 'MutualTLS',
    generate: generateCertifiedKeyPair,
    login: (pair) => {
      const files = tlsFiles(pair);
      if (files === undefined) throw new Error('the key has no certificate');
      const certificate = { certificate: files['tls.crt'], privateKey: files['tls.key'] };
      return { method: 'MutualTLS', certificate };
    },
  },
];

export function describeAuthentication(suite: Suite): void {
  const usable = ownKeys.filter(
    ({ capability, method }) =>
      suite.can(capability) && (method !== 'MutualTLS' || suite.has('SeesCertificates')),
  );
  describe.each(usable)('a client with $what', (own) => {
    const withKeys = (...pairs: readonly KeyPair[]): DesiredClient['authentication'] => ({
      method: own.method,
      publicKeys: pairs.map(({ publicKey }) => publicKey),
    });
    const login = (client: RegisteredClient, pair: KeyPair) =>
      suite.driver.requestToken(grantFor(client, { authentication: own.login(pair) }), aCall());

    test('logs in with the key that was registered, again and again, and with no other', async () => {
      const [ours, theirs] = [own.generate(), own.generate()];
      const client = await suite.registered(suite.aClient({ authentication: withKeys(ours) }));
      expect(await login(client, ours)).toMatchObject({ ok: true });
      expect(await login(client, ours)).toMatchObject({ ok: true });
      expect(isRefused(await login(client, theirs))).toBe(true);
    });

    testWhere(suite.can('Update'))(
      'logs in with the old key and the new one until the old is left out',
      async () => {
        const [older, newer] = [own.generate(), own.generate()];
        const wanted = suite.aClient({ authentication: withKeys(older) });
        const client = await suite.registered(wanted);
        const update = async (registration: RegisteredClient, ...pairs: readonly KeyPair[]) =>
          valueOf(
            await suite.driver.update(
              registration,
              { ...wanted, authentication: withKeys(...pairs) },
              aCall(),
            ),
          );
        const both = await update(client, newer, older);
        expect(await login(both, older)).toMatchObject({ ok: true });
        expect(await login(both, newer)).toMatchObject({ ok: true });
        const one = await update(both, newer);
        expect(isRefused(await login(one, older))).toBe(true);
        expect(await login(one, newer)).toMatchObject({ ok: true });
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

    test('gets its tokens from a node as well, and has them revoked there', async () => {
      const workload = aWorkload(suite.under.cluster);
      const client = await registeredFor(workload);
      const tokens = suite.under.tokens();
      const proof = async () =>
        grantFor(client, {
          authentication: { method: 'Federated', by, assertion: await suite.under.assertionOf(workload) },
        });
      const token = valueOf(await tokens.requestToken(await proof(), aCall()));
      expect(await tokens.revoke(token.token, await proof(), aCall())).toMatchObject({ ok: true });
      await tokens.close();
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
