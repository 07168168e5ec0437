import { describe } from 'vitest';
import { keycloak as kind } from '../contract/issuer-kinds.ts';
import { keycloakUnderTest } from '../contract/keycloak-under-test.ts';
import { testKeycloak } from '../issuers/test-issuers.ts';
import { describeRotationUnderLoad } from './rotation-under-load.ts';

const keycloak = testKeycloak();

describe.skipIf(keycloak === undefined)('with a real server', () => {
  describeRotationUnderLoad(kind, () => keycloakUnderTest(keycloak!), { speed: 25, atServers: true });
});
