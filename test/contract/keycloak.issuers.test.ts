import { describe } from 'vitest';
import { testKeycloak } from '../issuers/test-issuers.ts';
import { describeIssuerDriver } from './issuer-driver/suite.ts';
import { keycloak as kind } from './issuer-kinds.ts';
import { keycloakUnderTest } from './keycloak-under-test.ts';

const keycloak = testKeycloak();

describe.skipIf(keycloak === undefined)('with a real server', () => {
  describeIssuerDriver(kind, () => keycloakUnderTest(keycloak!));
});
