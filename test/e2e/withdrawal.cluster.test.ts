import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type ResourceServer, registerResourceServer } from '../stage/resource-server.ts';
import { kindOf, look } from './look.ts';
import { aClient, anIssuer, aTenant, audience, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';
import { podAlone } from './workload-alone.ts';

describe.runIf(onOwnControlPlane())('what a tenant loses', () => {
  const stage = useStage();
  const see = look(stage);
  const pod = podAlone(stage);
  let api: ResourceServer;

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL })]);
    api = await registerResourceServer(stage, audience);
  });

  /** A tenant with one workload, and the token that it has. */
  const ready = async (tenant: string, spec = {}): Promise<string> => {
    await stage.apply([...aTenant(tenant, { spec }), ...aWorkload(tenant)]);
    await see.until('binding', `${tenant}/api`, 'True');
    const token = (await see.content(`${tenant}/api-token`))?.['token'] ?? expect.unreachable();
    expect(await api.isActive(token)).toBe(true);
    return token;
  };
  const withdrawal = async (kind: 'client' | 'binding', tenant: string) =>
    (await see.object(kind, `${tenant}/api`)).status?.withdrawal;
  const eventually = (check: () => Promise<void>, timeout = 15_000) =>
    vi.waitFor(check, { timeout, interval: 50 });
  const asks = async (tenant: string) =>
    pod.asks(tenant, 'api', {
      client_id: await see.clientID(`${tenant}/api`),
      scope: 'orders.read',
      resource: audience,
    });

  test('regression 17: by suspension is gone everywhere: Secret, token, registration; lifted, all is back under the same id', async () => {
    const tenant = 'withdrawn';
    const token = await ready(tenant, { withdrawalDelay: '1h' });
    const clientID = await see.clientID(`${tenant}/api`);
    await stage.apply(aTenant(tenant, { spec: { suspend: true, withdrawalDelay: '1h' } }));
    await see.until('binding', `${tenant}/api`, 'False Suspended');
    await eventually(async () => expect(await see.secret(`${tenant}/api-token`)).toBeUndefined());
    await eventually(async () => expect(await api.isActive(token)).toBe(false));
    expect(await asks(tenant)).toMatchObject({ status: 400 });
    for (const kind of ['client', 'binding'] as const)
      await eventually(async () =>
        expect(await withdrawal(kind, tenant)).toMatchObject({
          reason: 'Suspended',
          revocation: 'Confirmed',
        }),
      );
    await eventually(async () =>
      expect((await see.object('tenant', tenant)).status?.lastWithdrawal).toMatchObject({
        reason: 'Suspended',
        clients: 1,
        bindings: 1,
        revocation: 'Confirmed',
      }),
    );

    await stage.apply(aTenant(tenant, { spec: { suspend: false } }));
    await see.until('binding', `${tenant}/api`, 'True');
    expect(await see.clientID(`${tenant}/api`)).toBe(clientID);
    const again = (await see.content(`${tenant}/api-token`))?.['token'] ?? expect.unreachable();
    expect(await api.isActive(again)).toBe(true);
    expect(await withdrawal('binding', tenant)).toBeUndefined();
  });

  test('regression 28: by a TenantScope that is deleted by mistake and restored in time is nothing', async () => {
    const tenant = 'mistaken';
    const delay = { withdrawalDelay: '1m' };
    const token = await ready(tenant, delay);
    const before = await see.secret(`${tenant}/api-token`);
    const heard = stage.proxy.requestsAbout(tenant).length;
    await see.remove(kindOf.tenant, tenant);
    const told = await see.until('binding', `${tenant}/api`, 'False NoTenantScope');
    expect(told).toContain('what was granted before stays until');
    await see.until('client', `${tenant}/api`, 'False NoTenantScope');
    expect(await withdrawal('binding', tenant)).toMatchObject({ reason: 'NoTenantScope' });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await stage.apply(aTenant(tenant, { spec: delay }));
    await see.until('client', `${tenant}/api`, 'True');
    await see.until('binding', `${tenant}/api`, 'True');
    expect((await see.secret(`${tenant}/api-token`))?.metadata.resourceVersion).toBe(
      before?.metadata.resourceVersion,
    );
    expect(await api.isActive(token)).toBe(true);
    expect(stage.proxy.requestsAbout(tenant).length).toBe(heard);
    for (const kind of ['client', 'binding'] as const) expect(await withdrawal(kind, tenant)).toBeUndefined();
  });

  test.each([
    ['a TenantScope that stays deleted', 'deleted', (tenant: string) => see.remove(kindOf.tenant, tenant)],
    [
      'a namespace that is labelled otherwise',
      'relabelled',
      (tenant: string) =>
        stage.apply([
          { apiVersion: 'v1', kind: 'Namespace', metadata: { name: tenant, labels: { tenant: 'nobody' } } },
        ]),
    ],
  ])('by %s is gone when its withdrawalDelay is over, and not before', async (_, tenant, happens) => {
    const token = await ready(tenant, { withdrawalDelay: '4s' });
    await happens(tenant);
    await see.until('binding', `${tenant}/api`, 'False NoTenantScope');
    expect(await api.isActive(token)).toBe(true);
    const { effectiveAt } = (await withdrawal('binding', tenant)) ?? expect.unreachable();
    await eventually(async () => expect(await see.secret(`${tenant}/api-token`)).toBeUndefined());
    expect(Date.now()).toBeGreaterThan(Date.parse(effectiveAt) - 1);
    await eventually(async () => expect(await api.isActive(token)).toBe(false));
    expect(await asks(tenant)).toMatchObject({ status: 400 });
  });

  test('by a namespace that comes to another tenant goes before anything of the new one comes', async () => {
    const [from, to] = ['moves-from', 'moves-to'];
    const token = await ready(from, { withdrawalDelay: '1h' });
    const clientID = await see.clientID(`${from}/api`);
    await stage.apply(aTenant(to));
    await stage.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: from, labels: { tenant: to } } },
    ]);
    await eventually(async () => {
      const now = (await see.content(`${from}/api-token`))?.['token'];
      expect(now).toBeDefined();
      expect(now).not.toBe(token);
    });
    await eventually(async () => expect(await api.isActive(token)).toBe(false));
    const now = await asks(from);
    expect(now.claims).toMatchObject({ tenant_id: to });
    expect(await see.clientID(`${from}/api`)).toBe(clientID);
  });

  test('of credentials is gone from the cluster though the issuer does not answer; the client tells of it, and heals', async () => {
    const tenant = 'unanswered-secret';
    await stage.apply([
      ...aTenant(tenant),
      aClient(tenant, 'api', { authentication: { secret: { secretRef: { name: 'credentials' } } } }),
    ]);
    await see.until('client', `${tenant}/api`, 'True');
    expect(await see.secret(`${tenant}/credentials`)).toBeDefined();
    const mend = stage.proxy.fault({ about: tenant }, () => new Promise(() => undefined));
    const before = Date.now();
    await stage.apply(aTenant(tenant, { spec: { suspend: true } }));
    await eventually(async () => expect(await see.secret(`${tenant}/credentials`)).toBeUndefined());
    expect(Date.now() - before).toBeLessThan(5000);
    await eventually(async () =>
      expect(await withdrawal('client', tenant)).toMatchObject({ revocation: 'Unconfirmed' }),
    );
    mend();
    await eventually(
      async () => expect(await withdrawal('client', tenant)).toMatchObject({ revocation: 'Confirmed' }),
      40_000,
    );
  }, 60_000);

  test('at an issuer that does not answer is gone from the cluster all the same; the status says so, and heals', async () => {
    const tenant = 'unanswered';
    const token = await ready(tenant);
    const mend = stage.proxy.fault({ about: tenant }, () => new Promise(() => undefined));
    const before = Date.now();
    await stage.apply(aTenant(tenant, { spec: { suspend: true } }));
    await eventually(async () => expect(await see.secret(`${tenant}/api-token`)).toBeUndefined());
    expect(Date.now() - before).toBeLessThan(5000);
    await eventually(async () =>
      expect(await withdrawal('binding', tenant)).toMatchObject({ revocation: 'Unconfirmed' }),
    );
    expect(await api.isActive(token)).toBe(true);
    mend();
    await eventually(async () => expect(await api.isActive(token)).toBe(false), 40_000);
    for (const kind of ['client', 'binding'] as const)
      await eventually(async () =>
        expect(await withdrawal(kind, tenant)).toMatchObject({ revocation: 'Confirmed' }),
      );
  }, 60_000);
});
