import { expect, test } from 'vitest';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, grantFor } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere, testWhere } from './where.ts';

export function describeDeregister(suite: Suite): void {
  const notAuthorized = { ok: false, error: { kind: 'unauthorized' } };

  describeWhere(suite.can('Deregister'))('deregister', () => {
    test('ends the client', async () => {
      const client = await suite.registered();
      expect(await suite.driver.deregister(client, client.mark, aCall())).toMatchObject({ ok: true });
      expect(await suite.driver.requestToken(grantFor(client), aCall())).toMatchObject(notAuthorized);
    });

    testWhere(suite.can('ManageByMark'))('of a client that is gone succeeds', async () => {
      const client = await suite.registered();
      for (let n = 0; n < 2; n += 1)
        expect(await suite.driver.deregister(client, client.mark, aCall())).toMatchObject({ ok: true });
    });

    // RFC 7592 section 2.3 lets a server say 401 here, which could as well be a wrong token. The mark settles it.
    testWhere(!suite.can('ManageByMark') && suite.can('IdempotentRegister'))(
      'of a client that is gone succeeds or says that the token is not valid; registering its mark again allows it',
      async () => {
        const wanted = suite.aClient();
        const client = await suite.registered(wanted);
        await suite.driver.deregister(client, client.mark, aCall());
        const again = await suite.driver.deregister(client, client.mark, aCall());
        expect(again.ok || again.error.kind).toBeOneOf([true, 'unauthorized']);
        const anew = await suite.registered(wanted);
        expect(await suite.driver.deregister(anew, wanted.mark, aCall())).toMatchObject({ ok: true });
      },
    );

    testWhere(!suite.can('ManageByMark'))(
      'needs the registration access token of a client that lives',
      async () => {
        const client = await suite.registered();
        const forged = { ...client, registrationAccessToken: new Secret('forged') };
        const outcome = await suite.driver.deregister(forged, forged.mark, aCall());
        expect(outcome).toMatchObject(notAuthorized);
        expect(await suite.driver.requestToken(grantFor(client), aCall())).toMatchObject({ ok: true });
      },
    );
  });
}
