import { expect, test } from 'vitest';
import { generateCertifiedKeyPair } from '../../../src/controllers/client/certified-key-pair.ts';
import type { Capability } from '../../../src/domain/capability.ts';
import type { DesiredClient, FederationMethod } from '../../../src/domain/desired-client.ts';
import type { IssuerFailure } from '../../../src/ports/issuer-failure.ts';
import type { Result } from '../../../src/std/result.ts';
import { aCall, aKey, aSecret, aWorkload, bySecrets, grantFor, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere } from './where.ts';

type Attempt = () => Promise<Result<unknown, IssuerFailure>>;

/**
 * What an issuer can't do its driver refuses with a sentence: it never makes something of it that only looks like what was asked for. That
 * decisions ask the capabilities first is no excuse, since what an issuer can do changes.
 */
export function describeRefusals(suite: Suite): void {
  const register = (client: Partial<DesiredClient>): ReturnType<Attempt> =>
    suite.driver.register(suite.aClient(client), aCall());
  const federated = (by: FederationMethod): ReturnType<Attempt> =>
    register({ authentication: { method: 'Federated', by, workload: aWorkload(suite.under.cluster) } });

  /** What would need the capability. The other capabilities are about how something is done that all issuers do. */
  const attempts: Partial<Record<Capability, Attempt>> = {
    Update: async () => suite.driver.update(await suite.registered(), suite.aClient(), aCall()),
    Deregister: async () => {
      const client = await suite.registered();
      return suite.driver.deregister(client, client.mark, aCall());
    },
    Compare: async () => suite.driver.compare(await suite.registered(), suite.aClient(), aCall()),
    List: () => suite.driver.list(undefined, aCall()),
    Adopt: () => register({ adopts: 'somebody-elses' }),
    TenantClaims: () => register({ roles: ['biller'] }),
    AuthorizationCode: () =>
      register({ grantTypes: ['AuthorizationCode'], redirectURIs: ['https://app.acme.example/callback'] }),
    PublicClient: () =>
      register({
        ...{ grantTypes: ['AuthorizationCode'], redirectURIs: ['https://app.acme.example/callback'] },
        authentication: { method: 'Public' },
      }),
    MutualTLSAuthentication: () =>
      register({
        authentication: { method: 'MutualTLS', publicKeys: [generateCertifiedKeyPair().publicKey] },
      }),
    PrivateKeyAuthentication: async () =>
      register({ authentication: { method: 'PrivateKey', publicKeys: [aKey().publicKey] } }),
    SecretAuthentication: () => register({ authentication: bySecrets() }),
    ChooseSecret: () => register({ authentication: bySecrets(aSecret()) }),
    SecretOverlap: () => register({ authentication: bySecrets(aSecret(), aSecret()) }),
    DPoP: () => register({ proofOfPossession: 'DPoP' }),
    Revoke: async () => {
      const grant = grantFor(await suite.registered());
      const { token } = valueOf(await suite.driver.requestToken(grant, aCall()));
      return suite.driver.revoke(token, grant, aCall());
    },
    RevokeAll: async () => {
      const client = await suite.registered();
      return suite.driver.revokeAll(client, client.mark, aCall());
    },
  };

  const missing = Object.entries(attempts).filter(([capability]) => !suite.can(capability as Capability));
  const unknown = (['ClientAssertion', 'JWTBearer', 'TokenExchange'] as const)
    .filter((by) => !suite.federation.includes(by))
    .map((by) => [by, () => federated(by)] as const);
  const refused = [...missing, ...unknown];

  describeWhere(refused.length > 0)('what the issuer can not do is refused', () => {
    test.each(refused)('%s', async (_, attempt) => {
      const outcome = await attempt();
      expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected' } });
      expect(!outcome.ok && outcome.error.detail).toMatch(/\S+ \S+/);
    });
  });
}
