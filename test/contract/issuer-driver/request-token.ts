import * as jose from 'jose';
import { describe, expect, test } from 'vitest';
import type { DesiredClient } from '../../../src/domain/desired-client.ts';
import type { Grant } from '../../../src/domain/grant.ts';
import { outside } from '../../../src/domain/scope-pattern.ts';
import { checkToken } from '../../../src/domain/token-check.ts';
import type { IssuedToken } from '../../../src/ports/issuer-driver.ts';
import { systemClock } from '../../../src/std/clock.ts';
import { minutes, seconds } from '../../../src/std/duration.ts';
import { aCall, aKey, audience, grantFor, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { testWhere } from './where.ts';

const beyond = [
  ['scope', { scopes: ['invoices.read', 'admin'] }],
  ['audience', { audience: 'https://other.example' }],
] as const;

export function describeRequestToken(suite: Suite): void {
  /** Whether Grantor would deliver the token: the rules of the domain, with nothing said of the issuer that an administrator need not say. */
  const checked = (token: IssuedToken, client: DesiredClient, clientID: string) => {
    const grant: Grant = {
      clientID,
      method: 'Secret',
      tenantID: client.tenantID,
      serviceAccount: { namespace: '', name: '', uid: '' },
      issuer: suite.under.issuer,
      scopes: ['invoices.read'],
      audience,
      roles: client.roles,
      requiredClaims: suite.can('TenantClaims') ? { tenant_id: client.tenantID } : {},
      maxLifetime: client.accessTokenLifetime,
      proofOfPossession: 'None',
      toleratedAudiences: suite.under.toleratedAudiences ?? [],
      claimPaths: {},
      verification: 'Required',
    };
    return checkToken(token, grant, systemClock.now());
  };

  describe('requestToken', () => {
    test('gives a token with what was asked for and what the registration says, and with nothing more', async () => {
      const wanted = suite.aClient({ accessTokenLifetime: minutes(7) });
      const client = await suite.registered(wanted);
      const token = valueOf(await suite.driver.requestToken(grantFor(client), aCall()));
      expect(checked(token, wanted, client.clientID)).toMatchObject({
        ok: true,
        value: { scopes: ['invoices.read'] },
      });
      expect(token.token.reveal()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(token.tokenType).toBe('Bearer');
      // Servers count from different moments.
      expect(Math.abs((token.expiresIn ?? minutes(7)) - minutes(7))).toBeLessThan(seconds(5));
      if (!suite.can('EnforceCeiling')) return;
      expect(Number(token.claims['exp']) - Number(token.claims['iat'])).toBe(420);
    });

    test('gives each audience that the client is registered for, one at a time', async () => {
      const other = 'https://reports.acme.example';
      const client = await suite.registered(suite.aClient({ audiences: [audience, other] }));
      for (const one of [audience, other]) {
        const { claims } = valueOf(
          await suite.driver.requestToken(grantFor(client, { audience: one }), aCall()),
        );
        const { toleratedAudiences = [] } = suite.under;
        expect(outside(toleratedAudiences, [claims['aud']].flat() as string[])).toEqual([one]);
      }
    });

    test.each(suite.can('EnforceCeiling') ? beyond : [])(
      'refuses a %s that the client is not registered for',
      async (what, more) => {
        const client = await suite.registered();
        const outcome = await suite.driver.requestToken(grantFor(client, more), aCall());
        const oauthError = suite.refusals[what];
        expect(outcome).toMatchObject({ ok: false, error: { kind: 'rejected', oauthError } });
      },
    );

    testWhere(suite.can('DPoP'))(
      'binds a token to the key that it is asked for with, and gives no other to a client that is registered so',
      async () => {
        const client = await suite.registered(suite.aClient({ proofOfPossession: 'DPoP' }));
        const keys = [aKey(), aKey()];
        for (const { publicKey, privateKey: tokenKey } of keys) {
          const token = valueOf(await suite.driver.requestToken(grantFor(client, { tokenKey }), aCall()));
          expect(token.tokenType).toBe('DPoP');
          expect(token.claims['cnf']).toMatchObject({ jkt: await jose.calculateJwkThumbprint(publicKey) });
          expect(await suite.driver.revoke(token.token, grantFor(client), aCall())).toMatchObject({
            ok: true,
          });
        }
        const unbound = await suite.driver.requestToken(grantFor(client), aCall());
        expect(unbound).toMatchObject({ ok: false, error: { kind: 'rejected' } });
      },
    );
  });
}
