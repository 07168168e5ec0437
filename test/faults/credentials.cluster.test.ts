import { beforeAll, expect, test } from 'vitest';
import { look } from '../e2e/look.ts';
import { anIssuer, aTenant, serviceAccountKind } from '../e2e/objects.ts';
import { prepareChanges } from './changes.ts';
import { since } from './record.ts';
import { useFaultStage } from './use-fault-stage.ts';

const stage = useFaultStage();
const see = look(stage);
const namespace = 'credentials';
const account = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace: 'grantor-system', name: 'grantor-controller' },
};

beforeAll(() => stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(namespace)]));

test('a token that is not good any more: the one that lies in the kubeconfig by then is taken, without a restart', async () => {
  const changes = await prepareChanges(stage, see, namespace, 'token');
  const record = since(stage);
  const refused = () => stage.controller.program.log().match(/Unauthorized/g)?.length ?? 0;
  const before = refused();
  // Tokens are bound to the UID of their ServiceAccount. The API server remembers for 10 s that the old ones were good.
  await see.remove(serviceAccountKind, 'grantor-system/grantor-controller');
  await stage.apply([account]);
  await expect.poll(refused, { timeout: 25_000 }).toBeGreaterThan(before);
  await stage.api.renewToken();
  await changes.make();
  await changes.noticed(30_000);
  record.expectAlive();
  expect(record.lists()).toEqual({});
}, 90_000);

test('a certificate of a new CA at the same address: the CA is read again, without a restart', async () => {
  const changes = await prepareChanges(stage, see, namespace, 'certificate');
  const record = since(stage);
  await stage.api.renewCertificate();
  const from = Date.now();
  // Connections that are open would go on; new ones have to trust the new CA.
  stage.api.cut('fin');
  await changes.make();
  await changes.noticed(80_000);
  console.log(`new CA: noticed after ${((Date.now() - from) / 1000).toFixed(1)} s`);
  record.expectAlive();
  expect(record.lists()).toEqual({});
}, 120_000);
