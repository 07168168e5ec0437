import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { readAudit, selectRequests } from '../cluster/audit-log.ts';
import { resourceOf } from '../stage/manifests.ts';
import { controllerUser } from '../stage/stage.ts';
import { kindOf, look } from './look.ts';
import { aBinding, anIssuer, aSecret, aTenant, aWorkload, secretKind } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const namespaces = resourceOf({ apiVersion: 'v1', kind: 'Namespace' });
const quotas: ResourceKind = {
  ...{ group: '', version: 'v1', plural: 'resourcequotas', kind: 'ResourceQuota' },
  namespaced: true,
};
describe.runIf(onOwnControlPlane())('regression 23:', () => {
  const stage = useStage();
  const see = look(stage);

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL })]);
  });

  /** What the controller writes into a namespace from now on, and sends to the issuer about it. */
  const since = (namespace: string) => {
    const { offset } = readAudit(stage.controlPlane.auditLog);
    const asked = stage.proxy.requestsAbout(namespace).length;
    return () => {
      const { events } = readAudit(stage.controlPlane.auditLog, offset);
      const ours = selectRequests(events, { user: controllerUser, namespace });
      const writes = ours.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
      return {
        writes: writes.filter(({ subresource }) => subresource !== 'token').length,
        tokenRequests: writes.filter(({ subresource }) => subresource === 'token').length,
        asked: stage.proxy.requestsAbout(namespace).length - asked,
      };
    };
  };

  /** A quota of Secrets. No controller counts here, so what is used is said by hand. */
  async function allowSecrets(namespace: string, many: number): Promise<void> {
    const at = { namespace, name: 'secrets' };
    const hard = { 'count/secrets': String(many) };
    const object = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: at, spec: { hard } };
    const quota = await stage.kube.apply(quotas, object);
    if (!quota.ok) throw new Error(quota.error.message);
    const { resourceVersion } = quota.value.metadata;
    const status = { hard, used: { 'count/secrets': '0' } };
    const told = await stage.kube.applyStatus(quotas, { ...at, resourceVersion }, status);
    if (!told.ok) throw new Error(told.error.message);
    // Admission learns of it a moment later.
    const probe = aSecret(namespace, 'probe');
    const isTold = (): Promise<boolean> =>
      stage.kube.create(secretKind, probe).then(({ ok }) => ok === many > 0);
    await vi.waitFor(async () => expect(await isTold()).toBe(true), 30_000);
  }

  test('an exhausted quota of Secrets costs a few token requests, not one a second, and heals', async () => {
    const tenant = 'exhausted';
    await stage.apply(aTenant(tenant));
    await allowSecrets(tenant, 0);
    const did = since(tenant);
    await stage.apply(aWorkload(tenant));
    expect(await see.until('binding', `${tenant}/api`, 'False SecretWriteFailed')).toContain(
      'exceeded quota',
    );
    await sleep(systemClock, seconds(20));
    const { writes, tokenRequests, asked } = did();
    expect(tokenRequests).toBeLessThanOrEqual(3);
    // The registration, and the tokens.
    expect(asked).toBeLessThanOrEqual(4);
    // Each try to create the Secret, a finalizer, and what client and binding are told.
    expect(writes).toBeLessThanOrEqual(10);

    await allowSecrets(tenant, 10);
    // What somebody changed is tried at once.
    await stage.apply([aBinding(tenant, 'api', { rotation: { renewAtPercent: 60 } })]);
    await see.until('binding', `${tenant}/api`, 'True', { within: 60_000 });
  });

  test('in a namespace that is going away nothing is written, though a token is due and its Secret was deleted', async () => {
    const tenant = 'going-away';
    const client = { accessTokenLifetime: '10s' };
    await stage.apply([
      ...aTenant(tenant),
      ...aWorkload(tenant, 'api', { client }),
      ...aWorkload(tenant, 'other'),
    ]);
    await see.until('binding', `${tenant}/api`, 'True');
    await see.until('binding', `${tenant}/other`, 'True');
    const { uid } = (
      await stage.kube.get(namespaces, { name: tenant }).then((found) => {
        if (!found.ok) throw new Error(found.error.message);
        return found.value;
      })
    ).metadata;
    // No controller runs here that would empty it, so it stays as it is.
    await stage.kube.delete(namespaces, { name: tenant }, { uid });
    await vi.waitFor(async () => {
      const found = await stage.kube.get(namespaces, { name: tenant });
      expect(found.ok && found.value.metadata.deletionTimestamp).toBeTruthy();
    });
    await sleep(systemClock, seconds(1));
    const did = since(tenant);
    await see.remove(secretKind, `${tenant}/other-token`);
    // Of ten seconds of life.
    await sleep(systemClock, seconds(10));
    const { writes, tokenRequests, asked } = did();
    expect(writes).toBeLessThanOrEqual(2);
    expect([tokenRequests, asked]).toEqual([0, 0]);
  });

  test('a binding that is deleted and made again under its name owns the Secret of its name', async () => {
    const tenant = 'recreated';
    await stage.apply([...aTenant(tenant), ...aWorkload(tenant)]);
    await see.until('binding', `${tenant}/api`, 'True');
    const owner = async (): Promise<string | undefined> =>
      (await see.secret(`${tenant}/api-token`))?.metadata.ownerReferences?.[0]?.uid;
    const first = await see.object('binding', `${tenant}/api`);
    expect(await owner()).toBe(first.metadata.uid);
    const did = since(tenant);
    await see.remove(kindOf.binding, `${tenant}/api`);
    await stage.apply([aBinding(tenant)]);
    const { metadata } = await see.object('binding', `${tenant}/api`);
    expect(metadata.uid).not.toBe(first.metadata.uid);
    await vi.waitFor(async () => expect(await owner()).toBe(metadata.uid), 10_000);
    await see.until('binding', `${tenant}/api`, 'True');
    expect(did().asked).toBeLessThanOrEqual(2);
  });
});
