import { beforeAll, describe, expect, test, vi } from 'vitest';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';
import { podAlone } from './workload-alone.ts';

describe.runIf(onOwnControlPlane())('the ceiling of a tenant', () => {
  const stage = useStage();
  const see = look(stage);
  const pod = podAlone(stage);

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL })]);
  });

  test('rule 0: a pod that talks to the issuer by itself gets nothing above the ceiling', async () => {
    const tenant = 'alone';
    await stage.apply([...aTenant(tenant), ...aWorkload(tenant), ...aWorkload(tenant, 'other')]);
    await see.until('binding', `${tenant}/api`, 'True');
    await see.until('client', `${tenant}/other`, 'True');
    const client_id = await see.clientID(`${tenant}/api`);
    const other = await see.clientID(`${tenant}/other`);
    const asks = (form: Record<string, string | undefined>, account = 'api') =>
      pod.asks(tenant, account, form);

    // What it may have, it gets: the rest would prove nothing otherwise.
    const allowed = await asks({ client_id, scope: 'orders.read', resource: 'https://api.example' });
    expect(allowed).toMatchObject({
      status: 200,
      claims: { tenant_id: tenant, roles: ['reader'], aud: 'https://api.example' },
    });
    expect(allowed.claims!.exp! - allowed.claims!.iat!).toBe(600);

    // A lifetime and roles cannot be asked for at all.
    const greedy = await asks({
      client_id,
      scope: 'orders.read',
      resource: 'https://api.example',
      expires_in: '86400',
      lifetime: '86400',
      roles: 'root',
    });
    expect(greedy.claims).toMatchObject({ roles: ['reader'] });
    expect(greedy.claims!.exp! - greedy.claims!.iat!).toBe(600);

    const refusals = await Promise.all([
      asks({ client_id, scope: 'orders.write', resource: 'https://api.example' }),
      asks({ client_id, scope: 'admin', resource: 'https://api.example' }),
      asks({ client_id, scope: 'orders.read', resource: 'https://other.example' }),
      asks({ client_id: other, scope: 'orders.read', resource: 'https://api.example' }),
      asks({ client_id, scope: 'orders.read', resource: 'https://api.example' }, 'other'),
      asks({ client_id, scope: 'orders.read', resource: 'https://api.example' }, 'unregistered'),
    ]);
    expect(refusals.map(({ status, error }) => `${status} ${error}`)).toEqual([
      '400 invalid_scope',
      '400 invalid_scope',
      '400 invalid_target',
      // The assertion is another client's than the one that is named.
      '400 invalid_request',
      '400 invalid_request',
      '401 invalid_client',
    ]);
  });

  test('regression 17: suspending a tenant removes its tokens and leaves its pods nothing to get; its clients keep their ids', async () => {
    const tenant = 'suspended';
    await stage.apply([...aTenant(tenant), ...aWorkload(tenant)]);
    await see.until('binding', `${tenant}/api`, 'True');
    const client_id = await see.clientID(`${tenant}/api`);

    await stage.apply(aTenant(tenant, { spec: { suspend: true } }));
    await see.until('binding', `${tenant}/api`, 'False Suspended');
    await see.until('client', `${tenant}/api`, 'False Suspended');
    expect(await see.secret(`${tenant}/api-token`)).toBeUndefined();
    const answer = await pod.asks(tenant, 'api', {
      client_id,
      scope: 'orders.read',
      resource: 'https://api.example',
    });
    expect(answer).toMatchObject({ status: 400, error: 'invalid_target' });

    await stage.apply(aTenant(tenant, { spec: { suspend: false } }));
    await see.until('binding', `${tenant}/api`, 'True');
    expect(await see.clientID(`${tenant}/api`)).toBe(client_id);
    expect(await see.content(`${tenant}/api-token`)).toHaveProperty('token');
  });

  test.each([
    ['scopes', { scopes: ['invoices.*'] }, 'ScopeNotAllowed', {}],
    ['audiences', { audiences: ['https://new.example'] }, 'AudienceNotAllowed', {}],
    ['roles', { roles: [] }, 'RoleNotAllowed', {}],
    ['lifetime', { maxLifetime: '1m' }, 'LifetimeNotAllowed', { accessTokenLifetime: '10m' }],
  ])(
    'regression 17: a TenantScope with narrower %s is followed by its clients and their tokens',
    async (what, tokens, reason, client) => {
      const tenant = `narrower-${what}`;
      await stage.apply([...aTenant(tenant), ...aWorkload(tenant, 'api', { client })]);
      await see.until('binding', `${tenant}/api`, 'True');
      const client_id = await see.clientID(`${tenant}/api`);

      await stage.apply(aTenant(tenant, { tokens }));
      await see.until('client', `${tenant}/api`, `False ${reason}`);
      await see.until('binding', `${tenant}/api`, 'False');
      // What the issuer is asked to revoke first may take it a second.
      await vi.waitFor(async () => expect(await see.secret(`${tenant}/api-token`)).toBeUndefined(), 5000);
      const answer = await pod.asks(tenant, 'api', {
        client_id,
        scope: 'orders.read',
        resource: 'https://api.example',
      });
      expect(answer).toMatchObject({ status: 400 });
      expect(await see.clientID(`${tenant}/api`)).toBe(client_id);
    },
  );
});
