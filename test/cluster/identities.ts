import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writePrivately } from './certificates.ts';
import { issueFrom, pkiIn } from './pki.ts';

/** The path of the kubeconfig of the user that may do everything. */
export const adminKubeconfig = (directory: string): string => kubeconfigFile(directory, 'admin');

/**
 * Writes a kubeconfig for `user` in `groups` and answers with its path. The identity is a client certificate of the cluster's CA: the API server
 * knows nothing of it beforehand, and what it may do is for RBAC to say.
 */
export async function writeKubeconfig(
  directory: string,
  server: string,
  user: string,
  groups: readonly string[] = [],
): Promise<string> {
  const identity = await issueFrom(directory, { commonName: user, organizations: groups });
  const name = 'grantor-test';
  const content = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: { server, 'certificate-authority-data': base64(readFileSync(pkiIn(directory).caFile)) },
      },
    ],
    users: [
      {
        name,
        user: {
          'client-certificate-data': base64(identity.certificate),
          'client-key-data': base64(identity.privateKey),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
  mkdirSync(join(directory, 'kubeconfig'), { recursive: true, mode: 0o700 });
  return writePrivately(kubeconfigFile(directory, user), content);
}

/** User names hold colons and slashes, file names don't. */
function kubeconfigFile(directory: string, user: string): string {
  return join(directory, 'kubeconfig', `${encodeURIComponent(user)}.yaml`);
}

const base64 = (content: string | Buffer): string => Buffer.from(content).toString('base64');
