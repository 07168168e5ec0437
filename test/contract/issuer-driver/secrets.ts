import { expect, test } from 'vitest';
import type { RegisteredClient } from '../../../src/ports/registered-client.ts';
import type { Secret } from '../../../src/std/secret.ts';
import { aCall, aSecret, bySecrets, grantFor, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere, testWhere } from './where.ts';

export function describeSecrets(suite: Suite): void {
  const outcomes = async (client: RegisteredClient, ...secrets: readonly Secret[]): Promise<string[]> => {
    const found: string[] = [];
    for (const clientSecret of secrets) {
      const authentication = { method: 'Secret' as const, clientSecret };
      const outcome = await suite.driver.requestToken(grantFor(client, { authentication }), aCall());
      found.push(outcome.ok ? 'ok' : outcome.error.kind);
    }
    return found;
  };

  describeWhere(suite.can('ChooseSecret'))('a secret that we choose', () => {
    const [older, newer] = [aSecret(), aSecret()];

    test('is the one that the client logs in with', async () => {
      const client = await suite.registered(suite.aClient({ authentication: bySecrets(older) }));
      expect(await outcomes(client, older, newer)).toEqual(['ok', 'unauthorized']);
    });

    testWhere(suite.can('Update'))('takes the place of the one before', async () => {
      const wanted = suite.aClient({ authentication: bySecrets(older) });
      const client = await suite.registered(wanted);
      const changed = { ...wanted, authentication: bySecrets(newer) };
      expect(await suite.driver.update(client, changed, aCall())).toMatchObject({ ok: true });
      expect(await outcomes(client, older, newer)).toEqual(['unauthorized', 'ok']);
    });

    testWhere(suite.can('SecretOverlap', 'Update'))(
      'works beside the one before until that is left out',
      async () => {
        const wanted = suite.aClient({ authentication: bySecrets(older) });
        const client = await suite.registered(wanted);
        const two = { ...wanted, authentication: bySecrets(newer, older) };
        const both = valueOf(await suite.driver.update(client, two, aCall()));
        expect(await outcomes(client, older, newer)).toEqual(['ok', 'ok']);
        const one = { ...wanted, authentication: bySecrets(newer) };
        expect(await suite.driver.update(both, one, aCall())).toMatchObject({ ok: true });
        expect(await outcomes(client, older, newer)).toEqual(['unauthorized', 'ok']);
      },
    );

    testWhere(suite.can('Update'))('stays through a change of anything else', async () => {
      const wanted = suite.aClient({ authentication: bySecrets(older) });
      const client = await suite.registered(wanted);
      const changed = { ...wanted, scopes: ['invoices.read'] };
      expect(await suite.driver.update(client, changed, aCall())).toMatchObject({ ok: true });
      expect(await outcomes(client, older)).toEqual(['ok']);
    });
  });
}
