import { expect, test } from 'vitest';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, grantFor, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere, testWhere } from './where.ts';

export function describeRevoke(suite: Suite): void {
  describeWhere(suite.can('Revoke'))('revoke', () => {
    test('takes a token of the client, also twice', async () => {
      const client = await suite.registered();
      const { token } = valueOf(await suite.driver.requestToken(grantFor(client), aCall()));
      for (let n = 0; n < 2; n += 1)
        expect(await suite.driver.revoke(token, grantFor(client), aCall())).toMatchObject({ ok: true });
    });

    testWhere(suite.can('Introspect'))('ends that token and no other', async () => {
      const client = await suite.registered();
      const tokens = [0, 1].map(() => suite.driver.requestToken(grantFor(client), aCall()));
      const [revoked, kept] = (await Promise.all(tokens)).map((outcome) => valueOf(outcome));
      expect(await suite.under.isActive(revoked!, client)).toBe(true);
      await suite.driver.revoke(revoked!.token, grantFor(client), aCall());
      expect(await suite.under.isActive(revoked!, client)).toBe(false);
      expect(await suite.under.isActive(kept!, client)).toBe(true);
    });

    test('needs the client', async () => {
      const client = await suite.registered();
      const { token } = valueOf(await suite.driver.requestToken(grantFor(client), aCall()));
      const authentication = { method: 'Secret' as const, clientSecret: new Secret('wrong') };
      const outcome = await suite.driver.revoke(token, { ...client, authentication }, aCall());
      expect(outcome).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
    });
  });
}
