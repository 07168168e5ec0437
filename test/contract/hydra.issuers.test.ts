import { describe } from 'vitest';
import { hydraIsThere } from '../issuers/test-issuers.ts';
import { hydraUnderTest } from './hydra-under-test.ts';
import { describeIssuerDriver } from './issuer-driver/suite.ts';
import { hydra, hydraWithHook } from './issuer-kinds.ts';

describe.skipIf(!hydraIsThere())('with a real server', () => {
  describeIssuerDriver(hydra, () => hydraUnderTest());
  describeIssuerDriver(hydraWithHook, () =>
    hydraUnderTest({ tokenHook: ['TenantClaims', 'BoundAssertions'] }),
  );
  describeIssuerDriver({ ...hydra, name: 'Hydra with one client on each page' }, () =>
    hydraUnderTest({ shortPages: true }),
  );
});
