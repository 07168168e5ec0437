import { expect, test } from 'vitest';
import { aCall, grantFor, markOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere } from './where.ts';

/** Where clients are managed by Grantor's own login, nothing but the mark says whose a client is. */
export function describeMarks(suite: Suite): void {
  describeWhere(suite.can('ManageByMark'))('the mark of a client', () => {
    const works = async (client: Awaited<ReturnType<Suite['registered']>>) =>
      (await suite.driver.requestToken(grantFor(client), aCall())).ok;

    test('passes to a successor of the same name and tenant, who gets the same client', async () => {
      const first = suite.aClient({ mark: markOf('succeeded', 'uid-of-the-first') });
      const before = await suite.registered(first);
      const after = await suite.registered({ ...first, mark: markOf('succeeded', 'uid-of-the-second') });
      expect(after.clientID).toBe(before.clientID);
    });

    test('keeps a client of another tenant from being taken', async () => {
      const theirs = suite.aClient({ mark: markOf('coveted', 'uid-of-theirs') });
      const client = await suite.registered(theirs);
      const ours = { ...theirs, mark: markOf('coveted', 'uid-of-ours'), tenantID: 'globex' };
      expect(await suite.driver.register(ours, aCall())).toMatchObject({
        ok: false,
        error: { kind: 'rejected', oauthError: 'invalid_client_metadata' },
      });
      expect(await works(client)).toBe(true);
    });

    test('keeps a client from being changed, looked at or ended by whom it was taken from', async () => {
      const first = suite.aClient({ mark: markOf('taken-over', 'uid-of-the-first') });
      const before = await suite.registered(first);
      const successor = { ...first, mark: markOf('taken-over', 'uid-of-the-second') };
      const after = await suite.registered(successor);
      const notFound = { ok: false, error: { kind: 'notFound' } };
      expect(await suite.driver.update(before, { ...first, scopes: [] }, aCall())).toMatchObject(notFound);
      expect(await suite.driver.compare(before, first, aCall())).toMatchObject(notFound);
      expect(await suite.driver.deregister(before, first.mark, aCall())).toMatchObject({ ok: true });
      expect(await works(after)).toBe(true);
    });
  });
}
