import { expect, test } from 'vitest';
import { withdrawnClient } from '../../../src/domain/desired-client.ts';
import type { RegisteredClient } from '../../../src/ports/registered-client.ts';
import { Secret } from '../../../src/std/secret.ts';
import { aCall, grantFor, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere, testWhere } from './where.ts';

export function describeUpdate(suite: Suite): void {
  describeWhere(suite.can('Update'))('update', () => {
    test('changes what the client gets and keeps its id and its secret', async () => {
      const wanted = suite.aClient();
      const client = await suite.registered(wanted);
      const changed = { ...wanted, scopes: ['invoices.audit'], roles: [] };
      const updated = valueOf(await suite.driver.update(client, changed, aCall()));
      expect(updated.clientID).toBe(client.clientID);
      const grant = grantFor({ ...client, ...updated }, { scopes: ['invoices.audit'] });
      const { claims } = valueOf(await suite.driver.requestToken(grant, aCall()));
      expect(claims['roles'] ?? []).toEqual([]);
      expect((await suite.driver.requestToken({ ...grant, scopes: ['invoices.read'] }, aCall())).ok).toBe(
        false,
      );
    });

    test('can be repeated with what the last one answered', async () => {
      const wanted = suite.aClient();
      let registration: RegisteredClient = await suite.registered(wanted);
      for (const scopes of [['a'], ['b']]) {
        registration = valueOf(await suite.driver.update(registration, { ...wanted, scopes }, aCall()));
      }
      expect(await suite.driver.deregister(registration, wanted.mark, aCall())).toMatchObject({ ok: true });
    });

    testWhere(suite.can('EnforceCeiling'))(
      'takes everything from a withdrawn client but its id, and can give it back',
      async () => {
        const wanted = suite.aClient();
        const client = await suite.registered(wanted);
        const withdrawn = valueOf(await suite.driver.update(client, withdrawnClient(wanted), aCall()));
        for (const scopes of [['invoices.read'], []]) {
          const outcome = await suite.driver.requestToken(grantFor(client, { scopes }), aCall());
          expect(outcome.ok || outcome.error.kind).toBeOneOf(['rejected', 'unauthorized']);
        }
        const restored = valueOf(await suite.driver.update(withdrawn, wanted, aCall()));
        expect(restored.clientID).toBe(client.clientID);
        const grant = grantFor({ ...client, ...restored });
        expect(await suite.driver.requestToken(grant, aCall())).toMatchObject({ ok: true });
      },
    );

    testWhere(!suite.can('ManageByMark'))('needs the registration access token', async () => {
      const wanted = suite.aClient();
      const client = await suite.registered(wanted);
      const forged = { ...client, registrationAccessToken: new Secret('forged') };
      const outcome = await suite.driver.update(forged, wanted, aCall());
      expect(outcome).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
    });

    testWhere(suite.can('ManageByMark'))('does not make a client that is gone', async () => {
      const wanted = suite.aClient();
      const client = await suite.registered(wanted);
      await suite.driver.deregister(client, client.mark, aCall());
      const outcome = await suite.driver.update(client, wanted, aCall());
      expect(outcome).toMatchObject({ ok: false, error: { kind: 'notFound' } });
    });
  });
}
