import { systemClock } from '../../src/std/clock.ts';
import { systemRng } from '../../src/std/rng.ts';
import { aServiceAccountToken, FakeIssuerDriver } from '../fakes/fake-issuer-driver.ts';
import { leavingOut } from '../stage/issuer-proxy.ts';
import { embeddedUnderTest } from './embedded-under-test.ts';
import { aClient } from './issuer-driver/data.ts';
import { type DriverUnderTest, describeIssuerDriver, type IssuerKind } from './issuer-driver/suite.ts';
import { embedded, fake, fakeByMark, proxied, unmanaged } from './issuer-kinds.ts';

describeIssuerDriver(embedded, () => embeddedUnderTest());

describeIssuerDriver({ ...proxied, name: 'an issuer that does not say how long tokens live' }, () =>
  embeddedUnderTest((proxy) => proxy.fault({ path: /^\/token$/ }, leavingOut('expires_in'))),
);

describeIssuerDriver(unmanaged, () =>
  embeddedUnderTest((proxy) =>
    proxy.fault(
      { method: 'POST', path: /^\/register$/ },
      leavingOut('registration_client_uri', 'registration_access_token'),
    ),
  ),
);

const inMemory = (kind: IssuerKind) => async (): Promise<DriverUnderTest> => {
  const issuer = 'https://issuer.fake.example';
  const another = (): FakeIssuerDriver => {
    const driver = new FakeIssuerDriver({ issuer, clock: systemClock, rng: systemRng });
    for (const capability of kind.capabilities) driver.capabilities.add(capability);
    return driver;
  };
  const driver = another();
  return {
    driver,
    another,
    tokens: () => ({
      requestToken: (grant, call) => driver.requestToken(grant, call),
      revoke: (token, client, call) => driver.revoke(token, client, call),
      close: async () => {},
    }),
    issuer,
    cluster: 'https://kubernetes.contract.example',
    isActive: async (token) => driver.isActive(token),
    assertionOf: async (workload) => aServiceAccountToken(workload),
    async foreign() {
      const clientID = systemRng.uuid();
      driver.registerByOtherMeans(clientID, aClient());
      return clientID;
    },
    close: async () => {},
  };
};

describeIssuerDriver(fake, inMemory(fake));
describeIssuerDriver(fakeByMark, inMemory(fakeByMark));
