import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { hydraIsThere, testKeycloak } from '../issuers/test-issuers.ts';
import { hydraUnderTest } from './hydra-under-test.ts';
import { aCall, aClient, aSecret, bySecrets, valueOf } from './issuer-driver/data.ts';
import type { DriverUnderTest, Registered } from './issuer-driver/suite.ts';
import { keycloakUnderTest } from './keycloak-under-test.ts';

/** How many the driver registers at a time. */
const atOnce = 8;
const longestPage = 250;
const keycloak = testKeycloak();

describe.skipIf(keycloak === undefined)('Keycloak', () =>
  describeManyClients(() => keycloakUnderTest(keycloak!)),
);
describe.skipIf(!hydraIsThere())('Hydra', () => describeManyClients(() => hydraUnderTest()));

function describeManyClients(create: () => Promise<DriverUnderTest>): void {
  let under: DriverUnderTest;
  const clients: Registered[] = [];
  beforeAll(async () => {
    under = await create();
  });
  afterAll(() => under?.close(), 150_000);

  async function fillUpTo(count: number): Promise<void> {
    while (clients.length < count) {
      const batch = Array.from({ length: Math.min(atOnce, count - clients.length) }, async () => {
        const client = aClient({ roles: [], authentication: bySecrets(aSecret()) });
        return { ...valueOf(await under.driver.register(client, aCall())), mark: client.mark };
      });
      clients.push(...(await Promise.all(batch)));
    }
  }

  test.each([101, 501, 1001])(
    'regression 4: of %i clients the right one is deleted, and lists are paged',
    async (count) => {
      await fillUpTo(count);
      // Neither of the first page nor of the last.
      const [gone] = clients.splice(Math.floor(count / 2), 1);
      expect(await under.driver.deregister(gone!, gone!.mark, aCall())).toMatchObject({ ok: true });
      const pages = await pagesOf(under.driver);
      expect(pages.flat().sort()).toEqual(clients.map(({ mark }) => mark).sort());
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(longestPage);
      expect(pages.length).toBeGreaterThanOrEqual(Math.ceil(clients.length / longestPage));
    },
    300_000,
  );
}

/** The marks of each page. */
async function pagesOf(driver: IssuerDriver): Promise<string[][]> {
  const pages: string[][] = [];
  let page: string | undefined;
  do {
    const { clients, next } = valueOf(await driver.list(page, aCall()));
    pages.push(clients.map(({ mark }) => mark));
    page = next;
  } while (page !== undefined);
  return pages;
}
