import { expect, test } from 'vitest';
import { withdrawnClient } from '../../../src/domain/desired-client.ts';
import type { IssuedToken } from '../../../src/ports/issuer-driver.ts';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, grantFor, valueOf } from './data.ts';
import type { Registered, Suite } from './suite.ts';
import { describeWhere, testWhere } from './where.ts';

export function describeRevokeAll(suite: Suite): void {
  const tokenOf = async (client: Registered): Promise<IssuedToken> =>
    valueOf(await suite.driver.requestToken(grantFor(client), aCall()));

  describeWhere(suite.can('RevokeAll'))('revokeAll', () => {
    test('ends every token of the client so far, also twice, and leaves those of others', async () => {
      const [client, other] = [await suite.registered(), await suite.registered()];
      const [first, second, theirs] = [await tokenOf(client), await tokenOf(client), await tokenOf(other)];
      expect(await suite.under.isActive(first, client)).toBe(true);
      for (let n = 0; n < 2; n += 1)
        expect(await suite.driver.revokeAll(client, client.mark, aCall())).toMatchObject({ ok: true });
      expect(await suite.under.isActive(first, client)).toBe(false);
      expect(await suite.under.isActive(second, client)).toBe(false);
      expect(await suite.under.isActive(theirs, other)).toBe(true);
    });

    test('ends what a withdrawn client still has, and leaves the client its id and its rights', async () => {
      const wanted = suite.aClient();
      const client = await suite.registered(wanted);
      const token = await tokenOf(client);
      const withdrawn = valueOf(await suite.driver.update(client, withdrawnClient(wanted), aCall()));
      expect(await suite.driver.revokeAll(withdrawn, wanted.mark, aCall())).toMatchObject({ ok: true });
      expect(await suite.under.isActive(token, client)).toBe(false);
      const restored = valueOf(await suite.driver.update(withdrawn, wanted, aCall()));
      expect(restored.clientID).toBe(client.clientID);
      const grant = grantFor({ ...client, ...restored });
      expect(await suite.driver.requestToken(grant, aCall())).toMatchObject({ ok: true });
    });

    testWhere(!suite.can('ManageByMark'))('needs the registration access token', async () => {
      const client = await suite.registered();
      const token = await tokenOf(client);
      const forged = { ...client, registrationAccessToken: new Secret('forged') };
      expect(await suite.driver.revokeAll(forged, forged.mark, aCall())).toMatchObject({
        ok: false,
        error: { kind: 'unauthorized' },
      });
      expect(await suite.under.isActive(token, client)).toBe(true);
    });
  });
}
