import { expect, test } from 'vitest';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, aSecret, aWorkload, bySecrets, grantFor } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere, testWhere } from './where.ts';

export function describeRegister(suite: Suite): void {
  describeWhere(suite.can('Register'))('register', () => {
    test('gives the client an id and what it takes to manage it', async () => {
      const client = await suite.registered();
      expect(client.clientID).toMatch(/^[\x21-\x7e]{1,256}$/);
      expect(client.clientSecret).toBeInstanceOf(Secret);
      const managedByToken = suite.can('Deregister') && !suite.can('ManageByMark');
      expect(client.registrationClientURI ?? 'https:').toMatch(/^https:/);
      expect(client.registrationAccessToken !== undefined).toBe(managedByToken);
    });

    testWhere(suite.can('IdempotentRegister'))(
      'answers a known mark with the same client, its secret kept, and it can be managed',
      async () => {
        const client = suite.aClient();
        const first = await suite.registered(client);
        const second = await suite.registered({ ...client, scopes: ['invoices.write'] });
        expect(second.clientID).toBe(first.clientID);
        expect(second.clientSecret?.reveal()).toBe(first.clientSecret?.reveal());
        const wanted = grantFor(second, { scopes: ['invoices.write'] });
        expect(await suite.driver.requestToken(wanted, aCall())).toMatchObject({ ok: true });
        expect(await suite.driver.requestToken(grantFor(second), aCall())).toMatchObject({
          ok: false,
          error: { kind: 'rejected', oauthError: suite.refusals.scope },
        });
        if (!suite.can('Deregister')) return;
        expect(await suite.driver.deregister(second, second.mark, aCall())).toMatchObject({ ok: true });
      },
    );

    test('makes two clients of two marks', async () => {
      const [first, second] = [await suite.registered(), await suite.registered()];
      expect(second.clientID).not.toBe(first.clientID);
    });

    test.each(suite.has('OneClientPerWorkload') ? suite.federation : [])(
      'gives a workload to one client only, by %s',
      async (by) => {
        const workload = aWorkload(suite.under.cluster);
        const authentication = { method: 'Federated', by, workload } as const;
        await suite.registered(suite.aClient({ authentication }));
        expect(await suite.driver.register(suite.aClient({ authentication }), aCall())).toMatchObject({
          ok: false,
          error: { kind: 'rejected', oauthError: 'invalid_client_metadata' },
        });
      },
    );

    testWhere(suite.can('ChooseSecret'))('never answers with a secret that we chose', async () => {
      const client = suite.aClient({ authentication: bySecrets(aSecret()) });
      const answer = await suite.driver.register(client, aCall());
      expect(answer).toMatchObject({ ok: true });
      expect(answer.ok && answer.value.clientSecret).toBeUndefined();
    });
  });
}
