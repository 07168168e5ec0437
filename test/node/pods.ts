import { grantorImage } from '../cluster/node/grantor-image.ts';
import { audience, scope } from '../e2e/objects.ts';
import type { Manifest } from '../stage/manifests.ts';

type Part = Readonly<Record<string, unknown>>;

/** Where the containers here have the volume. */
export const mountPath = '/var/run/secrets/grantor';

/** A binding that is for volumes alone. */
export const aVolumeBinding = (namespace: string, name = 'api', spec: Part = {}): Manifest => ({
  apiVersion: 'grantor.dev/v1alpha1',
  kind: 'WorkloadIdentityBinding',
  metadata: { namespace, name },
  spec: {
    serviceAccountName: name,
    clientRef: { name },
    token: { scopes: [scope], audience },
    ...spec,
  },
});

export interface PodOptions {
  readonly serviceAccountName?: string;
  /** Of the volume, beside or instead of `binding`. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Of the volume, beside its attributes. */
  readonly volume?: Part;
  readonly securityContext?: Part;
  /** What runs in it; by default something that waits. */
  readonly script?: string;
}

/** A pod with a volume, as strict as namespaces may want it. */
const podSpec = ({
  serviceAccountName = 'api',
  attributes = { binding: 'api' },
  volume = {},
  securityContext = {},
  script = 'setInterval(() => {}, 1000)',
}: PodOptions = {}): object => ({
  serviceAccountName,
  automountServiceAccountToken: false,
  terminationGracePeriodSeconds: 1,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...securityContext },
  containers: [
    {
      name: 'main',
      image: grantorImage,
      command: ['/nodejs/bin/node', '-e', script],
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      },
      volumeMounts: [{ name: 'token', mountPath, readOnly: true }],
    },
  ],
  volumes: [
    {
      name: 'token',
      csi: { driver: 'csi.grantor.dev', readOnly: true, volumeAttributes: attributes, ...volume },
    },
  ],
});

export const aPod = (namespace: string, name: string, options?: PodOptions): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name },
  spec: podSpec(options),
});

export const aDeployment = (
  namespace: string,
  name: string,
  replicas: number,
  options?: PodOptions,
): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace, name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: podSpec(options) },
  },
});

/**
 * Reads its files again and again, and prints each token that is new to it, by its id, and whatever is not as it must be: a file that is
 * missing or cut off, or files of different tokens in one set.
 */
export const reader = `
const fs = require('node:fs');
const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const say = (what) => console.log(JSON.stringify(what));
const dir = '${mountPath}/';
const set = () => {
  const data = fs.realpathSync(dir + '..data');
  const [token, end, metadata] = ['token', 'expires_at', 'metadata.json'].map((name) => fs.readFileSync(data + '/' + name, 'utf8'));
  return { ...claims(token), end: Date.parse(end) / 1000, told: Date.parse(JSON.parse(metadata).expires_at) / 1000 };
};
/** Whoever opens a set that is replaced just then opens the next one. */
const wholeSet = () => {
  try { return set(); } catch (error) { if (error.code === 'ENOENT') return set(); throw error; }
};
let last = '', looks = 0;
setInterval(() => {
  looks += 1;
  try {
    claims(fs.readFileSync(dir + 'token', 'utf8'));
    const { jti, exp, end, told } = wholeSet();
    if (exp !== end || exp !== told) say({ wrong: 'mixed', exp, end, told });
    if (jti !== last) say({ jti, exp, looks });
    last = jti;
  } catch (error) {
    say({ wrong: error.code ?? error.name, looks });
  }
}, 5);
`;
