import type { KubeClient } from '../../src/kube/kube-client.ts';
import { minutes } from '../../src/std/duration.ts';
import { type Manifest, resourceOf } from './manifests.ts';

const configMap = { apiVersion: 'v1', kind: 'ConfigMap' };
const list = { namespace: 'grantor-system', name: 'grantor-audiences' };

/** The list of what the controller may ask ServiceAccount tokens for, as far as a stage adds to it. */
export const audienceList = (data: Readonly<Record<string, string>>): Manifest => ({
  ...configMap,
  metadata: list,
  data,
});

/** Adds an audience to the list that a stage has made. */
export async function installAudience(kube: KubeClient, key: string, audience: string): Promise<void> {
  const found = await kube.get<Manifest>(resourceOf(configMap), list);
  if (!found.ok) throw new Error(found.error.message);
  const data = { ...found.value.data, [key]: audience };
  const replaced = await kube.replace(resourceOf(configMap), { ...found.value, data });
  if (!replaced.ok) throw new Error(replaced.error.message);
}

/** Waits until the policy knows this audience, and no other: after its creation it takes effect within three seconds. */
export async function audienceInForce(
  { kube, asController }: { readonly kube: KubeClient; readonly asController: KubeClient },
  audience: string,
): Promise<void> {
  const account = { namespace: 'grantor-system', name: 'grantor-issuer' };
  const found = await kube.get(resourceOf({ apiVersion: 'v1', kind: 'ServiceAccount' }), account);
  if (!found.ok) throw new Error(found.error.message);
  const { uid } = found.value.metadata;
  const isGranted = async (asked: string): Promise<boolean> =>
    (await asController.requestToken(account, { uid, audiences: [asked], expiration: minutes(10) })).ok;
  const giveUp = Date.now() + 20_000;
  while ((await isGranted('https://never-installed.example')) || !(await isGranted(audience))) {
    if (Date.now() > giveUp) throw new Error(`the controller gets no token for ${audience}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
