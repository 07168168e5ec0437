import { expect, test } from 'vitest';
import { aCall, allOf, grantFor } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere } from './where.ts';

export function describeList(suite: Suite): void {
  describeWhere(suite.can('List'))('list', () => {
    test('shows each client once, with the mark that it bears, and no longer when it is gone', async () => {
      const clients = [await suite.registered(), await suite.registered(), await suite.registered()];
      const marks = clients.map(({ mark }) => mark).sort();
      const shown = async () => {
        const found = (await allOf(suite.driver)).map(({ mark }) => mark);
        return found.filter((mark) => marks.includes(mark)).sort();
      };
      expect(await shown()).toEqual(marks);
      const [first] = clients;
      await suite.driver.deregister(first!, first!.mark, aCall());
      expect(await shown()).toEqual(marks.filter((mark) => mark !== first!.mark));
    });

    test('shows what it takes to end a client', async () => {
      const client = await suite.registered();
      const found = (await allOf(suite.driver)).find(({ mark }) => mark === client.mark);
      expect(found?.registration.clientID).toBe(client.clientID);
      const ended = await suite.driver.deregister(found!.registration, client.mark, aCall());
      expect(ended).toMatchObject({ ok: true });
      expect((await suite.driver.requestToken(grantFor(client), aCall())).ok).toBe(false);
    });
  });
}
