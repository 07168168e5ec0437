import { beforeAll, describe, expect, test, vi } from 'vitest';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { readAudit, selectRequests } from '../cluster/audit-log.ts';
import { controllerUser } from '../stage/stage.ts';
import { look } from './look.ts';
import { aBinding, aClient, anIssuer, aSecret, aTenant, audience, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

/** Secrets that are there already under the name that the binding wants. */
const foreign: Readonly<Record<string, Parameters<typeof aSecret>[2]>> = {
  foreign: {},
  'another-type': { type: 'kubernetes.io/basic-auth', data: { username: 'YQ==', password: 'Yg==' } },
  immutable: { immutable: true },
  'our-type-without-owner': { type: 'grantor.dev/token' },
};
const tenantOf = (what: string): string => `secret-${what}`;

describe.runIf(onOwnControlPlane())('regression 19: a Secret in the way', () => {
  const stage = useStage();
  const see = look(stage);
  let auditOffset = 0;

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL })]);
    for (const [what, rest] of Object.entries(foreign)) {
      await stage.apply([...aTenant(tenantOf(what)), aSecret(tenantOf(what), 'api-token', rest)]);
    }
    auditOffset = readAudit(stage.controlPlane.auditLog).offset;
  });

  /** Requests of the controller for Secrets of a namespace. */
  const touches = (namespace: string): number => {
    const { events } = readAudit(stage.controlPlane.auditLog, auditOffset);
    return selectRequests(events, { user: controllerUser, resource: 'secrets', namespace }).length;
  };

  test.each(Object.keys(foreign))(
    'that is %s is never overwritten, and no token is asked for',
    async (what) => {
      const tenant = tenantOf(what);
      const before = await see.secret(`${tenant}/api-token`);
      await stage.apply(aWorkload(tenant));
      const said = await see.until('binding', `${tenant}/api`, 'False SecretConflict');
      expect(said).toContain(`${tenant}/api-token`);
      expect(await see.secret(`${tenant}/api-token`)).toEqual(before);
      expect(stage.proxy.requestsAbout(tenant).map(({ path }) => path)).toEqual(['/register']);
    },
  );

  test('that is ours and was made immutable is told as soon as another token is wanted', async () => {
    await stage.apply([...aTenant('frozen'), ...aWorkload('frozen')]);
    await see.until('binding', 'frozen/api', 'True');
    const before = await see.secret('frozen/api-token');
    const at = { namespace: 'frozen', name: 'api-token' };
    const frozen = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: at,
      type: 'grantor.dev/token',
      immutable: true,
    };
    await stage.apply([frozen]);
    await stage.apply([
      aClient('frozen', 'api', { scopes: ['orders.read', 'orders.write'] }),
      aBinding('frozen', 'api', { token: { scopes: ['orders.write'], audience } }),
    ]);
    await see.until('binding', 'frozen/api', 'False SecretConflict');
    expect((await see.secret('frozen/api-token'))?.data).toEqual(before?.data);
  });

  test.each<[string, string, 'binding' | 'client', string]>([
    ['token', 'token', 'binding', 'api'],
    ['credentials', 'client_secret', 'client', 'login'],
  ])(
    'rule 5: with %s of ours that a platform admin has changed is taken away and made anew',
    async (what, key, kind, object) => {
      const tenant = `tampered-${what}`;
      const secret = `${tenant}/${object}-${what}`;
      await stage.apply([
        ...aTenant(tenant),
        ...aWorkload(tenant),
        aClient(tenant, 'login', {
          authentication: { secret: { secretRef: { name: 'login-credentials' } } },
        }),
      ]);
      await see.until(kind, `${tenant}/${object}`, 'True');
      const before = await see.secret(secret);
      const data = { [key]: Buffer.from('of somebody else').toString('base64') };
      await stage.apply([aSecret(tenant, `${object}-${what}`, { type: before?.type, data })]);
      const anew = await vi.waitFor(async () => {
        const found = await see.secret(secret);
        expect(found?.metadata.uid).toMatch(/./);
        expect(found?.metadata.uid).not.toBe(before?.metadata.uid);
        return found;
      }, 10_000);
      expect(Object.keys(anew?.data ?? {})).toEqual(Object.keys(before?.data ?? {}));
      expect(anew?.data?.[key]).not.toBe(data[key]);
      await see.until(kind, `${tenant}/${object}`, 'True');
      await stage.controller.program.says(new RegExp(`"subject":"Secret ${secret}"[^\n]*"SecretTampered"`));
    },
  );

  test('makes no hot loop', async () => {
    await sleep(systemClock, seconds(3));
    for (const what of Object.keys(foreign)) expect(touches(tenantOf(what))).toBeLessThanOrEqual(2);
    // The look whether the name is free, the first token, and the one that was refused.
    expect(touches('frozen')).toBeLessThanOrEqual(4);
  });
});
