import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IssuerDriver } from '../../../src/ports/issuer-driver.ts';
import { aCall, aClient, aSecret, bySecrets, grantFor, valueOf } from '../../contract/issuer-driver/data.ts';
import { createRealm, type Realm } from '../realm.ts';
import { testKeycloak } from '../test-issuers.ts';
import { realmDriver } from './realm-driver.ts';

const keycloak = testKeycloak();

describe.skipIf(keycloak === undefined)('a realm without a policy for secrets', () => {
  let realm: Realm;
  let driver: IssuerDriver;
  beforeAll(async () => {
    const noPolicies = { clientProfiles: { profiles: [] }, clientPolicies: { policies: [] } };
    realm = await createRealm(keycloak!, { cluster: 'https://kubernetes.default.svc', realm: noPolicies });
    driver = realmDriver(keycloak!, realm);
  });
  afterAll(async () => {
    await Promise.all([realm?.remove(), driver?.close()]);
  });

  test('regression 13: keeps no second secret, and so the first stays what it was', async () => {
    const [older, newer] = [aSecret(), aSecret()];
    const wanted = aClient({ authentication: bySecrets(older) });
    const client = valueOf(await driver.register(wanted, aCall()));
    const both = { ...wanted, authentication: bySecrets(newer, older) };
    expect(await driver.update(client, both, aCall())).toMatchObject({
      ok: false,
      error: { kind: 'rejected', detail: expect.stringContaining('secret-rotation') },
    });
    const login = { authentication: { method: 'Secret', clientSecret: older } } as const;
    expect(await driver.requestToken(grantFor(client, login), aCall())).toMatchObject({ ok: true });
    expect(await driver.compare(client, wanted, aCall())).toMatchObject({ value: { differences: [] } });
  });
});
