import { describe } from 'vitest';
import { systemRng } from '../../../src/std/rng.ts';
import { describeManagementByMark } from '../../contract/managed-by-mark.ts';
import { createRealm } from '../realm.ts';
import { testKeycloak } from '../test-issuers.ts';
import { realmDriver } from './realm-driver.ts';

const keycloak = testKeycloak();

describe.skipIf(keycloak === undefined)('a realm of Keycloak', () => {
  describeManagementByMark('the Keycloak driver', async () => {
    const realm = await createRealm(keycloak!, { cluster: 'https://kubernetes.default.svc' });
    const driver = realmDriver(keycloak!, realm);
    return {
      driver,
      async foreign() {
        const clientId = `by-hand-${systemRng.uuid().slice(0, 8)}`;
        await realm.admin.send('POST', `/${realm.name}/clients`, { clientId, serviceAccountsEnabled: true });
        return clientId;
      },
      async close() {
        await driver.close();
        await realm.remove();
      },
    };
  });
});
