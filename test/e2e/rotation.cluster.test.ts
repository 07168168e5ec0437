import { describe, expect, test } from 'vitest';
import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { parseInstant } from '../../src/std/instant.ts';
import { type Manifest, resourceOf } from '../stage/manifests.ts';
import { look } from './look.ts';
import { anIssuer, aServiceAccount, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const tenant = 'rotation';
const pod = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: tenant, name },
  spec: {
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'app',
        image: 'example.invalid/app',
        env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'credentials', key: 'private_key.jwk' } } }],
      },
    ],
  },
});

describe.runIf(onOwnControlPlane())('a credential that somebody wants replaced', () => {
  const stage = useStage();
  const see = look(stage);
  const rotation = async () => {
    const { status } = await see.object('client', `${tenant}/api`);
    return (status as { readonly rotation?: Readonly<Record<string, string>> } | undefined)?.rotation ?? {};
  };
  const ask = async (value: string): Promise<void> => {
    const { metadata } = await see.object('client', `${tenant}/api`);
    const { name, namespace, uid, resourceVersion } = metadata;
    const at = { name, namespace: namespace ?? '', uid, resourceVersion };
    const asked = await stage.kube.patchMetadata(oauthClientKind, at, {
      annotations: { 'grantor.dev/rotate': value },
    });
    expect(asked.ok).toBe(true);
  };

  test('is, once, and the status names the pods that cannot have heard of it', async () => {
    await stage.apply([
      anIssuer({ url: stage.issuerURL }),
      ...aTenant(tenant),
      aServiceAccount(tenant, 'default'),
    ]);
    const authentication = { privateKey: { secretRef: { name: 'credentials' } } };
    await stage.apply([...aWorkload(tenant, 'api', { client: { authentication } }), pod('old-web')]);
    await see.until('binding', `${tenant}/api`, 'True');
    const [before, id] = [await see.content(`${tenant}/credentials`), await see.clientID(`${tenant}/api`)];

    await ask('leaked');
    await expect.poll(rotation).toMatchObject({ phase: 'Overlapping' });
    const after = await see.content(`${tenant}/credentials`);
    expect(after).toMatchObject({ client_id: id });
    expect(after?.['private_key.jwk']).not.toBe(before?.['private_key.jwk']);
    expect((await rotation())['waitsFor']).toContain('old-web');
    expect((await see.object('client', `${tenant}/api`)).metadata.generation).toBe(1);

    // The overlap is counted from when the API server took the Secret, which its metadata says.
    const secret = await see.secret(`${tenant}/credentials`);
    const written = secret?.metadata.managedFields?.find(({ manager }) => manager === 'grantor')?.time;
    expect(parseInstant(written ?? '').ok).toBe(true);
    await see.remove(resourceOf(pod('old-web')), `${tenant}/old-web`);
    const token = await see.secret(`${tenant}/api-token`);
    expect(token).toBeDefined();
  });
});
