import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DesiredClient } from '../../src/domain/desired-client.ts';
import type { IssuerDriver, MarkedClient } from '../../src/ports/issuer-driver.ts';
import type { RegisteredClient } from '../../src/ports/registered-client.ts';
import { aCall, aClient, valueOf } from './issuer-driver/data.ts';
import type { DriverUnderTest } from './issuer-driver/suite.ts';

/** A driver for an issuer whose clients are managed by Grantor's own login. */
export interface MarkingDriverUnderTest extends Pick<DriverUnderTest, 'driver' | 'close'> {
  /** Registers a client by other means than the driver, as an administrator would, and says its id. It bears no mark. */
  foreign(): Promise<string>;
}

const mine = (name: string, uid: string, cluster = 'contract'): string =>
  `grantor:${cluster}:acme:${name}:${uid}`;
const bare = (client: DesiredClient): DesiredClient => ({
  ...client,
  tenantID: 'withdrawn',
  scopes: [],
  audiences: [],
  roles: [],
});
const rejected = { ok: false, error: { kind: 'rejected' } };
let count = 0;

/** What every driver with the capability `ManageByMark` does about whose a client is; with `Adopt` about others' clients too. */
export function describeManagementByMark(name: string, create: () => Promise<MarkingDriverUnderTest>): void {
  describe(`${name}, where clients are managed by their marks`, () => {
    let under: MarkingDriverUnderTest;
    let driver: IssuerDriver;
    beforeAll(async () => {
      under = await create();
      driver = under.driver;
    });
    afterAll(() => under.close());

    /** A client of a name that no other test has, with this UID. */
    const aNamed = (uid = 'uid-1', change: Partial<DesiredClient> = {}): DesiredClient => {
      count += 1;
      return aClient({ mark: mine(`marked-${count}`, uid), ...change });
    };
    const successorOf = ({ mark, ...client }: DesiredClient, uid = 'uid-2'): DesiredClient => ({
      ...client,
      mark: `${mark.slice(0, mark.lastIndexOf(':'))}:${uid}`,
    });
    const registered = async (client: DesiredClient): Promise<RegisteredClient> =>
      valueOf(await driver.register(client, aCall()));
    /** What the issuer holds of the client is this. */
    const expectHeld = async (id: RegisteredClient, client: DesiredClient): Promise<void> =>
      expect(await driver.compare(id, client, aCall())).toMatchObject({
        ok: true,
        value: { differences: [] },
      });
    const listed = async (): Promise<MarkedClient[]> => {
      const found: MarkedClient[] = [];
      let page: string | undefined;
      do {
        const { clients, next }: { clients: readonly MarkedClient[]; next?: string } = valueOf(
          await driver.list(page, aCall()),
        );
        found.push(...clients);
        page = next;
      } while (page !== undefined);
      return found;
    };

    test('says so', async () => {
      const found = valueOf(await driver.discover(aCall()));
      for (const capability of ['ManageByMark', 'IdempotentRegister', 'Compare', 'List', 'Adopt'] as const)
        expect(found).toContain(capability);
    });

    test('a cluster that came back from a backup finds its client under the same id, whatever UID it has now', async () => {
      const client = aNamed();
      const before = await registered(client);
      const successor = successorOf(client);
      const after = await registered(successor);
      expect(after.clientID).toBe(before.clientID);
      await expectHeld(after, successor);
      // The one before has no say in it any more, and does no harm.
      const [update, deletion] = [
        await driver.update(before, client, aCall()),
        await driver.deregister(before, client.mark, aCall()),
      ];
      expect(update).toMatchObject({ ok: false, error: { kind: 'notFound' } });
      expect(await driver.revokeAll(before, client.mark, aCall())).toMatchObject({
        ok: false,
        error: { kind: 'notFound' },
      });
      expect(deletion).toMatchObject({ ok: true });
      await expectHeld(after, successor);
    });

    test('another tenant does not get the client of a predecessor before it has lost its rights', async () => {
      const client = aNamed();
      const before = await registered(client);
      const heir = successorOf({ ...client, tenantID: 'other' });
      expect(await driver.register(heir, aCall())).toMatchObject(rejected);
      await expectHeld(before, client);
      valueOf(await driver.update(before, bare(client), aCall()));
      expect(await driver.register(heir, aCall())).toMatchObject({ ok: true });
    });

    test('two clusters with the same objects have two clients', async () => {
      const client = aNamed();
      const other = { ...client, mark: client.mark.replace(':contract:', ':other:') };
      const [first, second] = [await registered(client), await registered(other)];
      expect(second.clientID).not.toBe(first.clientID);
      expect(await driver.deregister(first, other.mark, aCall())).toMatchObject({ ok: true });
      await expectHeld(first, client);
    });

    test('a withdrawn client comes back under its id', async () => {
      const client = aNamed();
      const id = await registered(client);
      valueOf(await driver.update(id, bare(client), aCall()));
      await expectHeld(id, bare(client));
      const back = valueOf(await driver.update(id, client, aCall()));
      expect(back.clientID).toBe(id.clientID);
      await expectHeld(id, client);
    });

    test('regression 7: what is gone is deleted, and can be neither changed nor compared', async () => {
      const client = aNamed();
      const id = await registered(client);
      for (let n = 0; n < 2; n += 1)
        expect(await driver.deregister(id, client.mark, aCall())).toMatchObject({ ok: true });
      const gone = { ok: false, error: { kind: 'notFound' } };
      expect(await driver.update(id, client, aCall())).toMatchObject(gone);
      expect(await driver.compare(id, client, aCall())).toMatchObject(gone);
    });

    test('lists what bears a mark, with its mark, and nothing else', async () => {
      const client = aNamed();
      const id = await registered(client);
      const foreign = await under.foreign();
      const all = await listed();
      expect(all).toContainEqual(
        expect.objectContaining({
          mark: client.mark,
          registration: expect.objectContaining({ clientID: id.clientID }),
        }),
      );
      expect(all.map(({ registration }) => registration.clientID)).not.toContain(foreign);
    });

    describe('a client that somebody else registered', () => {
      test('is adopted under its id, becomes what is wanted, and is from then on like any other', async () => {
        const adopts = await under.foreign();
        const client = aNamed('uid-1', { adopts });
        const id = await registered(client);
        expect(id.clientID).toBe(adopts);
        await expectHeld(id, client);
        expect((await registered(client)).clientID).toBe(adopts);
        const other = { ...client, roles: ['auditor'] };
        valueOf(await driver.update(id, other, aCall()));
        await expectHeld(id, other);
        expect((await listed()).map(({ mark }) => mark)).toContain(client.mark);
        expect(await driver.deregister(id, client.mark, aCall())).toMatchObject({ ok: true });
        expect(await driver.compare(id, client, aCall())).toMatchObject({ ok: false });
      });

      test('and has our mark is adopted by nobody else, but by a successor of its OAuthClient', async () => {
        const adopts = await under.foreign();
        const client = aNamed('uid-1', { adopts });
        const id = await registered(client);
        for (const rival of [
          aNamed('uid-1', { adopts }),
          { ...client, mark: client.mark.replace(':contract:', ':other:') },
          successorOf({ ...client, tenantID: 'other' }),
        ])
          expect(await driver.register(rival, aCall())).toMatchObject(rejected);
        await expectHeld(id, client);
        const successor = successorOf(client);
        expect((await registered(successor)).clientID).toBe(adopts);
      });

      test('is not touched by whoever does not say that it adopts it', async () => {
        const clientID = await under.foreign();
        const client = aNamed();
        for (const outcome of [
          await driver.update({ clientID }, client, aCall()),
          await driver.compare({ clientID }, client, aCall()),
          await driver.revokeAll({ clientID }, client.mark, aCall()),
        ])
          expect(outcome).toMatchObject({ ok: false, error: { kind: 'notFound' } });
        expect(await driver.deregister({ clientID }, client.mark, aCall())).toMatchObject({ ok: true });
        expect(await driver.register({ ...client, adopts: clientID }, aCall())).toMatchObject({ ok: true });
      });

      test('and that is not there is not made', async () => {
        const client = aNamed('uid-1', { adopts: `nobody-${Date.now()}` });
        expect(await driver.register(client, aCall())).toMatchObject(rejected);
      });
    });
  });
}
