import { expect, test } from 'vitest';
import { type DesiredClient, withdrawnClient } from '../../../src/domain/desired-client.ts';
import type { RegisteredClient } from '../../../src/ports/registered-client.ts';
import { aCall, allOf, clusterID, markOf, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere } from './where.ts';

const rejected = { ok: false, error: { kind: 'rejected' } };
let count = 0;

/** Where clients are managed by Grantor's own login, nothing but the mark says whose a client is. */
export function describeMarks(suite: Suite): void {
  describeWhere(suite.can('ManageByMark'))('a client that is managed by its mark', () => {
    /** A client of a name that no other test has, with this UID. */
    const aNamed = (uid = 'uid-1', change: Partial<DesiredClient> = {}): DesiredClient => {
      count += 1;
      return suite.aClient({ mark: markOf(`marked-${count}`, uid), ...change });
    };
    const successorOf = ({ mark, ...client }: DesiredClient, uid = 'uid-2'): DesiredClient => ({
      ...client,
      mark: `${mark.slice(0, mark.lastIndexOf(':'))}:${uid}`,
    });
    const ofAnotherCluster = (client: DesiredClient): DesiredClient => ({
      ...client,
      mark: client.mark.replace(`:${clusterID}:`, ':another:'),
    });
    /** What the issuer holds of the client is this. */
    const expectHeld = async (id: RegisteredClient, client: DesiredClient): Promise<void> =>
      expect(await suite.driver.compare(id, client, aCall())).toMatchObject({
        ok: true,
        value: { differences: [] },
      });

    test('a cluster that came back from a backup finds its client under the same id, whatever UID it has now', async () => {
      const client = aNamed();
      const before = await suite.registered(client);
      const successor = successorOf(client);
      const after = await suite.registered(successor);
      expect(after.clientID).toBe(before.clientID);
      await expectHeld(after, successor);
      // The one before has no say in it any more, and does no harm.
      const [update, deletion] = [
        await suite.driver.update(before, client, aCall()),
        await suite.driver.deregister(before, client.mark, aCall()),
      ];
      expect(update).toMatchObject({ ok: false, error: { kind: 'notFound' } });
      expect(await suite.driver.revokeAll(before, client.mark, aCall())).toMatchObject({
        ok: false,
        error: { kind: 'notFound' },
      });
      expect(deletion).toMatchObject({ ok: true });
      await expectHeld(after, successor);
    });

    test('another tenant does not get the client of a predecessor before it has lost its rights', async () => {
      const client = aNamed();
      const before = await suite.registered(client);
      const heir = successorOf({ ...client, tenantID: 'other' });
      expect(await suite.driver.register(heir, aCall())).toMatchObject(rejected);
      await expectHeld(before, client);
      valueOf(await suite.driver.update(before, withdrawnClient(client), aCall()));
      expect(await suite.driver.register(heir, aCall())).toMatchObject({ ok: true });
    });

    test('two clusters with the same objects have two clients', async () => {
      const client = aNamed();
      const other = ofAnotherCluster(client);
      const [first, second] = [await suite.registered(client), await suite.registered(other)];
      expect(second.clientID).not.toBe(first.clientID);
      expect(await suite.driver.deregister(first, other.mark, aCall())).toMatchObject({ ok: true });
      await expectHeld(first, client);
    });

    test('a withdrawn client comes back under its id', async () => {
      const client = aNamed();
      const id = await suite.registered(client);
      valueOf(await suite.driver.update(id, withdrawnClient(client), aCall()));
      await expectHeld(id, withdrawnClient(client));
      const back = valueOf(await suite.driver.update(id, client, aCall()));
      expect(back.clientID).toBe(id.clientID);
      await expectHeld(id, client);
    });

    test('regression 7: what is gone is deleted, and can be neither changed nor compared', async () => {
      const client = aNamed();
      const id = await suite.registered(client);
      for (let n = 0; n < 2; n += 1)
        expect(await suite.driver.deregister(id, client.mark, aCall())).toMatchObject({ ok: true });
      const gone = { ok: false, error: { kind: 'notFound' } };
      expect(await suite.driver.update(id, client, aCall())).toMatchObject(gone);
      expect(await suite.driver.compare(id, client, aCall())).toMatchObject(gone);
    });

    test('lists what bears a mark, with its mark, and nothing else', async () => {
      const client = aNamed();
      const id = await suite.registered(client);
      const foreign = await suite.under.foreign();
      const all = await allOf(suite.driver);
      expect(all).toContainEqual(
        expect.objectContaining({
          mark: client.mark,
          registration: expect.objectContaining({ clientID: id.clientID }),
        }),
      );
      expect(all.map(({ registration }) => registration.clientID)).not.toContain(foreign);
    });

    describeWhere(suite.can('Adopt'))('and that somebody else registered', () => {
      test('is adopted under its id, becomes what is wanted, and is from then on like any other', async () => {
        const adopts = await suite.under.foreign();
        const client = aNamed('uid-1', { adopts });
        const id = await suite.registered(client);
        expect(id.clientID).toBe(adopts);
        await expectHeld(id, client);
        expect((await suite.registered(client)).clientID).toBe(adopts);
        const other = { ...client, scopes: ['invoices.audit'] };
        valueOf(await suite.driver.update(id, other, aCall()));
        await expectHeld(id, other);
        expect((await allOf(suite.driver)).map(({ mark }) => mark)).toContain(client.mark);
        expect(await suite.driver.deregister(id, client.mark, aCall())).toMatchObject({ ok: true });
        expect(await suite.driver.compare(id, client, aCall())).toMatchObject({ ok: false });
      });

      test('and has our mark is adopted by nobody else, but by a successor of its OAuthClient', async () => {
        const adopts = await suite.under.foreign();
        const client = aNamed('uid-1', { adopts });
        const id = await suite.registered(client);
        for (const rival of [
          aNamed('uid-1', { adopts }),
          ofAnotherCluster(client),
          successorOf({ ...client, tenantID: 'other' }),
        ])
          expect(await suite.driver.register(rival, aCall())).toMatchObject(rejected);
        await expectHeld(id, client);
        const successor = successorOf(client);
        expect((await suite.registered(successor)).clientID).toBe(adopts);
      });

      test('is not touched by whoever does not say that it adopts it', async () => {
        const clientID = await suite.under.foreign();
        const client = aNamed();
        for (const outcome of [
          await suite.driver.update({ clientID }, client, aCall()),
          await suite.driver.compare({ clientID }, client, aCall()),
          await suite.driver.revokeAll({ clientID }, client.mark, aCall()),
        ])
          expect(outcome).toMatchObject({ ok: false, error: { kind: 'notFound' } });
        expect(await suite.driver.deregister({ clientID }, client.mark, aCall())).toMatchObject({ ok: true });
        expect(await suite.driver.register({ ...client, adopts: clientID }, aCall())).toMatchObject({
          ok: true,
        });
      });

      test('and that is not there is not made', async () => {
        const client = aNamed('uid-1', { adopts: `nobody-${clusterID}` });
        expect(await suite.driver.register(client, aCall())).toMatchObject(rejected);
      });
    });
  });
}
