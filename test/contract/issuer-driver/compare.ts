import { expect, test } from 'vitest';
import type { DesiredClient } from '../../../src/domain/desired-client.ts';
import { minutes } from '../../../src/std/duration.ts';
import { aCall, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere, testWhere } from './where.ts';

export function describeCompare(suite: Suite): void {
  describeWhere(suite.can('Compare'))('compare', () => {
    test('finds no difference in what was registered, whatever the issuer made of its order and its defaults', async () => {
      const wanted = suite.aClient();
      const client = await suite.registered(wanted);
      const turned = { ...wanted, scopes: wanted.scopes.toReversed() };
      for (const same of [wanted, turned])
        expect(await suite.driver.compare(client, same, aCall())).toMatchObject({
          ok: true,
          value: { differences: [] },
        });
    });

    const others: readonly (readonly [string, Partial<DesiredClient>])[] = [
      ['scopes', { scopes: ['invoices.audit'] }],
      ...(suite.can('TenantClaims') ? [['roles', { roles: [] }] as const] : []),
      ['audiences', { audiences: ['https://other.example'] }],
      ['lifetime', { accessTokenLifetime: minutes(3) }],
    ];
    test.each(others)('finds other %s', async (_, other) => {
      const wanted = suite.aClient();
      const client = await suite.registered(wanted);
      const { differences } = valueOf(await suite.driver.compare(client, { ...wanted, ...other }, aCall()));
      expect(differences).toHaveLength(1);
    });

    testWhere(suite.can('Update'))('finds no difference after an update', async () => {
      const wanted = suite.aClient();
      const client = await suite.registered(wanted);
      const changed = { ...wanted, scopes: ['invoices.audit'], accessTokenLifetime: minutes(3) };
      const updated = valueOf(await suite.driver.update(client, changed, aCall()));
      expect(await suite.driver.compare(updated, changed, aCall())).toMatchObject({
        ok: true,
        value: { differences: [] },
      });
    });

    testWhere(suite.can('Deregister'))('does not find a client that is gone', async () => {
      const wanted = suite.aClient();
      const client = await suite.registered(wanted);
      await suite.driver.deregister(client, client.mark, aCall());
      const outcome = await suite.driver.compare(client, wanted, aCall());
      expect(outcome.ok || outcome.error.kind).toBeOneOf(['notFound', 'unauthorized']);
    });
  });
}
