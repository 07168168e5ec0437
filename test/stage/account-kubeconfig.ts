import { stringify } from 'yaml';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { hours } from '../../src/std/duration.ts';
import { writePrivately } from '../cluster/certificates.ts';
import { resourceOf } from './manifests.ts';

/** Writes a kubeconfig with a new token of a ServiceAccount of Grantor's, and answers with its path. Its rights must be in place. */
export async function writeAccountKubeconfig(
  kube: KubeClient,
  name: 'grantor-controller' | 'grantor-node',
  file: string,
  { server, caFile }: { readonly server: string; readonly caFile: string },
): Promise<string> {
  const account = { namespace: 'grantor-system', name };
  const found = await kube.get(resourceOf({ apiVersion: 'v1', kind: 'ServiceAccount' }), account);
  if (!found.ok) throw new Error(found.error.message);
  const { uid } = found.value.metadata;
  const answer = await kube.requestToken(account, { uid, audiences: [], expiration: hours(24) });
  if (!answer.ok) throw new Error(answer.error.message);
  const content = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'here', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name, user: { token: answer.value.token.reveal() } }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: name } }],
    'current-context': 'here',
  });
  return writePrivately(file, content);
}
