import { describe } from 'vitest';
import { realmDriver } from '../issuers/keycloak/realm-driver.ts';
import { createRealm } from '../issuers/realm.ts';
import { testKeycloak } from '../issuers/test-issuers.ts';
import { describeRotationUnderLoad } from './rotation-under-load.ts';

const keycloak = testKeycloak();

describe.skipIf(keycloak === undefined)('credentials in a realm of a real Keycloak', () => {
  describeRotationUnderLoad(
    {
      name: 'Keycloak',
      capabilities: [
        ...(['PrivateKeyAuthentication', 'SecretAuthentication', 'Update'] as const),
        ...(['ChooseSecret', 'SecretOverlap'] as const),
      ],
    },
    async () => {
      const realm = await createRealm(keycloak!, { cluster: 'https://kubernetes.default.svc' });
      return {
        issuer: realm.issuer,
        another: () => realmDriver(keycloak!, realm),
        close: () => realm.remove(),
      };
    },
    25,
  );
});
