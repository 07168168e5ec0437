import { beforeAll, describe, expect, test } from 'vitest';
import { awaitRequest, selectRequests } from '../cluster/audit-log.ts';
import { applyManifests, type Manifest, resourceOf } from '../stage/manifests.ts';
import { controllerUser } from '../stage/stage.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload, forVolumes } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

/** A pod that waits for a node, which there is none of here. */
const aPod = (namespace: string, name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name },
  spec: {
    serviceAccountName: 'api',
    containers: [{ name: 'c', image: 'c', volumeMounts: [{ name: 'token', mountPath: '/token' }] }],
    volumes: [
      {
        name: 'token',
        csi: { driver: 'csi.grantor.dev', readOnly: true, volumeAttributes: { binding: 'api' } },
      },
    ],
  },
});

describe.runIf(onOwnControlPlane())('a binding for volumes alone', () => {
  const stage = useStage();
  const see = look(stage);
  const status = async (name: string) => (await see.object('binding', `${name}/api`)).status;

  beforeAll(async () => {
    await applyManifests(stage.kube, [anIssuer({ url: stage.issuerURL })]);
  });

  test('is granted, and nobody but nodes asks for its tokens', async () => {
    await stage.apply([...aTenant('mounts'), ...aWorkload('mounts', 'api', { binding: forVolumes })]);
    await see.until('binding', 'mounts/api', 'True Ready');
    expect(await status('mounts')).toMatchObject({ grant: { deliveries: ['Volume', 'Secret'] } });
    const { auditLog } = stage.controlPlane;
    const told = { user: controllerUser, namespace: 'mounts', verb: 'patch' };
    const { events } = await awaitRequest(auditLog, { ...told, resource: 'workloadidentitybindings' });
    const tokens = { namespace: 'mounts', resource: 'serviceaccounts', subresource: 'token' };
    expect(selectRequests(events, tokens)).toEqual([]);
    expect(stage.proxy.requestsAbout('mounts').map(({ path }) => path)).toEqual(['/register']);
  });

  test('says how many pods mount it, in one write', async () => {
    const tenant = 'counted';
    await stage.apply([...aTenant(tenant), ...aWorkload(tenant, 'api', { binding: forVolumes })]);
    await applyManifests(stage.kube, [aPod(tenant, 'one'), aPod(tenant, 'two')]);
    await expect.poll(async () => (await status(tenant))?.pods, { timeout: 15_000 }).toBe(2);
  });

  test('loses what it had in a Secret when that is written out of its spec', async () => {
    const tenant = 'moves-out';
    await stage.apply([...aTenant(tenant), ...aWorkload(tenant)]);
    await see.until('binding', `${tenant}/api`, 'True Ready');
    expect(await see.secret(`${tenant}/api-token`)).toBeDefined();
    await stage.apply(aWorkload(tenant, 'api', { binding: forVolumes }));
    await see.gone(resourceOf({ apiVersion: 'v1', kind: 'Secret' }), `${tenant}/api-token`);
    await see.until('binding', `${tenant}/api`, 'True Ready');
  });
});
