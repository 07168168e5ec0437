import { beforeAll, describe, expect, test } from 'vitest';
import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { answering, type Fault, hanging, losingTheAnswer } from '../stage/issuer-proxy.ts';
import { look } from './look.ts';
import {
  aClient,
  anIssuer,
  aSecret,
  aServiceAccount,
  aTenant,
  audience,
  aWorkload,
  scope,
  secretKind,
} from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';
import { askForToken } from './workload-alone.ts';

describe.runIf(onOwnControlPlane())('the life of a client', () => {
  const stage = useStage();
  const see = look(stage);
  const registrationsOf = (tenant: string): number =>
    stage.proxy.requestsAbout(tenant).filter(({ method, path }) => method === 'POST' && path === '/register')
      .length;

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL, spec: { limits: { timeout: '2s' } } })]);
  });

  test('regression 1: an update that fails at the issuer makes it not ready, and heals when the issuer is back', async () => {
    await stage.apply([...aTenant('update-fails'), ...aWorkload('update-fails')]);
    await see.until('binding', 'update-fails/api', 'True');
    const id = await see.clientID('update-fails/api');

    const mend = stage.proxy.fault({ method: 'PUT', about: 'update-fails' }, answering(503));
    await stage.apply([aClient('update-fails', 'api', { scopes: ['orders.read', 'orders.write'] })]);
    expect(await see.until('client', 'update-fails/api', 'False IssuerUnavailable')).toContain('503');
    mend();
    await see.until('client', 'update-fails/api', 'True');
    expect(await see.clientID('update-fails/api')).toBe(id);
  });

  test('regression 2: a foreign Secret in the way of the credentials stops nothing but the credentials, and no orphan is left', async () => {
    const client = (secretName: string) =>
      aClient('foreign-secret', 'api', { authentication: { secret: { secretRef: { name: secretName } } } });
    await stage.apply([...aTenant('foreign-secret'), aSecret('foreign-secret', 'taken'), client('taken')]);
    expect(await see.until('client', 'foreign-secret/api', 'False SecretConflict')).toContain(
      'foreign-secret/taken',
    );
    const id = await see.clientID('foreign-secret/api');
    expect(id).toBeDefined();
    expect(await see.content('foreign-secret/taken')).toEqual({ note: 'not yours' });

    await stage.apply([client('free')]);
    await see.until('client', 'foreign-secret/api', 'True');
    expect(await see.clientID('foreign-secret/api')).toBe(id);
    expect(await see.content('foreign-secret/free')).toMatchObject({ client_id: id });
    expect(registrationsOf('foreign-secret')).toBe(1);
  });

  test.each([
    ['private-key', { privateKey: { secretRef: { name: 'credentials' } } }],
    ['client-secret', { secret: { secretRef: { name: 'credentials' } } }],
  ])(
    'regression 3: credentials (%s) that are deleted come back unchanged, for the same client id',
    async (tenant, authentication) => {
      await stage.apply([...aTenant(tenant), ...aWorkload(tenant, 'api', { client: { authentication } })]);
      await see.until('binding', `${tenant}/api`, 'True');
      const before = await see.content(`${tenant}/credentials`);
      await see.remove(secretKind, `${tenant}/credentials`);
      await expect.poll(() => see.content(`${tenant}/credentials`)).toEqual(before);
      expect(before).toMatchObject({ client_id: await see.clientID(`${tenant}/api`) });
      expect(registrationsOf(tenant)).toBe(1);
      expect(await see.until('client', `${tenant}/api`, 'True')).toBeDefined();
    },
  );

  const faults: [string, Fault, string][] = [
    ['401', answering(401, { error: 'invalid_token' }), 'False IssuerUnauthorized'],
    ['403', answering(403), 'False IssuerUnauthorized'],
    ['500', answering(500), 'False IssuerUnavailable'],
    ['time-out', hanging, 'False IssuerUnavailable'],
    ['lost-answer', losingTheAnswer, 'False IssuerUnavailable'],
  ];
  test.each(faults)(
    'regression 5: a registration that ends in %s makes no second client',
    async (name, fault, ready) => {
      const tenant = `register-${name}`;
      const mend = stage.proxy.fault({ path: /^\/register/, about: tenant }, fault);
      await stage.apply([...aTenant(tenant), aServiceAccount(tenant), aClient(tenant)]);
      await see.until('client', `${tenant}/api`, ready);
      mend();
      // What is refused is asked again after a while; a changed object at once.
      await stage.apply([aClient(tenant, 'api', { accessTokenLifetime: '5m' })]);
      await see.until('client', `${tenant}/api`, 'True');
      const ids = stage.issuer
        .log()
        .split('\n')
        .filter((line) => line.includes('"client.registered"') && line.includes(`:${tenant}:api:`))
        .map((line) => (JSON.parse(line) as { client_id: string }).client_id);
      expect(new Set(ids)).toEqual(new Set([await see.clientID(`${tenant}/api`)]));
    },
  );

  test.each(faults)(
    'regression 5: an update that ends in %s makes no second client',
    async (name, fault, ready) => {
      const tenant = `update-${name}`;
      await stage.apply([...aTenant(tenant), aServiceAccount(tenant), aClient(tenant)]);
      await see.until('client', `${tenant}/api`, 'True');
      const id = await see.clientID(`${tenant}/api`);

      const mend = stage.proxy.fault({ method: 'PUT', about: tenant }, fault);
      await stage.apply([aClient(tenant, 'api', { accessTokenLifetime: '5m' })]);
      await see.until('client', `${tenant}/api`, ready);
      mend();
      await stage.apply([aClient(tenant, 'api', { accessTokenLifetime: '6m' })]);
      await see.until('client', `${tenant}/api`, 'True');
      expect(await see.clientID(`${tenant}/api`)).toBe(id);
      expect(registrationsOf(tenant)).toBe(1);
      const updates = stage.proxy.requestsAbout(tenant).filter(({ method }) => method === 'PUT');
      expect(updates.length).toBeGreaterThanOrEqual(2);
    },
  );

  test('a client that is deleted can no longer log in at the issuer', async () => {
    const tenant = 'deleted';
    const authentication = { secret: { secretRef: { name: 'credentials' } } };
    await stage.apply([...aTenant(tenant), aClient(tenant, 'api', { authentication })]);
    await see.until('client', `${tenant}/api`, 'True');
    const { client_id, client_secret } = (await see.content(`${tenant}/credentials`))!;
    const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
    const logsIn = () => askForToken(stage, { scope, resource: audience }, { authorization });
    expect(await logsIn()).toMatchObject({ status: 200 });

    await see.remove(oauthClientKind, `${tenant}/api`);
    await see.gone(oauthClientKind, `${tenant}/api`);
    expect(await logsIn()).toEqual({ status: 401, error: 'invalid_client' });
    expect(await see.secret(`${tenant}/credentials`)).toBeUndefined();
  });

  test('regression 7: a deletion that the issuer answers with 404 is done', async () => {
    await stage.apply([
      ...aTenant('deleted-there'),
      aServiceAccount('deleted-there'),
      aClient('deleted-there'),
    ]);
    await see.until('client', 'deleted-there/api', 'True');
    stage.proxy.fault({ method: 'DELETE', about: 'deleted-there' }, answering(404, { error: 'not_found' }));
    await see.remove(oauthClientKind, 'deleted-there/api');
    await see.gone(oauthClientKind, 'deleted-there/api');
  });

  test('a client that is left behind gives up its ServiceAccount at the issuer', async () => {
    const client = (spec = {}) => aClient('left-behind', 'api', spec);
    await stage.apply([...aTenant('left-behind'), aServiceAccount('left-behind'), client()]);
    await see.until('client', 'left-behind/api', 'True');
    const id = await see.clientID('left-behind/api');
    await stage.apply([client({ deletionPolicy: 'Orphan' })]);
    await see.remove(oauthClientKind, 'left-behind/api');
    await see.gone(oauthClientKind, 'left-behind/api');
    const { pathname } = new URL(`${stage.issuerURL}/register/${id}`);
    expect(stage.proxy.requestsAbout('left-behind').map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /register',
      `PUT ${pathname}`,
      `DELETE ${pathname}/tokens`,
    ]);

    await stage.apply([client()]);
    await see.until('client', 'left-behind/api', 'True');
    expect(await see.clientID('left-behind/api')).not.toBe(id);
  });

  // It is deleted once nobody has come back for it within ten minutes: src/controllers/client/client-gone.test.ts.
  test('what a client left at the issuer that lost its finalizer by hand can obtain nothing more', async () => {
    await stage.apply([...aTenant('vanished'), aServiceAccount('vanished'), aClient('vanished')]);
    await see.until('client', 'vanished/api', 'True');
    const mend = stage.proxy.fault({ method: 'DELETE', about: 'vanished' }, answering(503));
    const { metadata } = await see.object('client', 'vanished/api');
    const id = await see.clientID('vanished/api');
    const record = `grantor-system/client-${metadata.uid}`;
    await see.remove(oauthClientKind, 'vanished/api');
    await see.until('client', 'vanished/api', 'False IssuerUnavailable');
    const now = (await see.object('client', 'vanished/api')).metadata;
    expect(await stage.kube.patchMetadata(oauthClientKind, now, { finalizers: [] })).toMatchObject({
      ok: true,
    });
    expect(await see.secret(record)).toBeDefined();
    mend();
    await expect
      .poll(() => stage.proxy.requestsAbout('vanished').map(({ method }) => method))
      .toEqual(expect.arrayContaining(['PUT']));
    // Made anew for the same tenant, it is the same client.
    await stage.apply([aClient('vanished')]);
    await see.until('client', 'vanished/api', 'True');
    expect(await see.clientID('vanished/api')).toBe(id);
  });
});
