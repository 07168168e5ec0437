import { type Manifest, resourceOf } from '../stage/manifests.ts';

const grantor = 'grantor.dev/v1alpha1';
export const secretKind = resourceOf({ apiVersion: 'v1', kind: 'Secret' });
export const serviceAccountKind = resourceOf({ apiVersion: 'v1', kind: 'ServiceAccount' });

/** What tests ask for unless they say otherwise; `aTenant` allows exactly this. */
export const scope = 'orders.read';
export const audience = 'https://api.example';

type Part = Readonly<Record<string, unknown>>;

export const anIssuer = ({
  name = 'main',
  url,
  spec = {},
}: {
  name?: string;
  url: string;
  spec?: Part;
}): Manifest => ({
  apiVersion: grantor,
  kind: 'OAuthIssuer',
  metadata: { name },
  spec: {
    issuer: url,
    driver: {
      standard: { initialAccessTokenSecretRef: { name: 'quickstart-issuer', key: 'initial-access-token' } },
    },
    tls: { caBundleRef: { name: 'quickstart-issuer', key: 'ca.crt' } },
    ...spec,
  },
});

/** A tenant of one namespace with its own name. */
export const aTenant = (
  name: string,
  {
    issuers = ['main'],
    tokens = {},
    spec = {},
  }: {
    issuers?: readonly string[];
    tokens?: Part;
    spec?: Part;
  } = {},
): Manifest[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { tenant: name } } },
  {
    apiVersion: grantor,
    kind: 'TenantScope',
    metadata: { name },
    spec: {
      tenantID: name,
      namespaceSelector: { matchLabels: { tenant: name } },
      issuerRefs: issuers.map((issuer) => ({ name: issuer })),
      clients: { authentication: ['Federated', 'PrivateKey', 'Secret'], adoption: 'Allowed', max: 10_000 },
      bindings: { max: 10_000 },
      tokens: {
        scopes: ['orders.*'],
        audiences: [audience],
        roles: ['reader'],
        maxLifetime: '15m',
        requiredClaims: { tenant_id: name },
        ...tokens,
      },
      // Tests that wait for a withdrawal wait for nothing else.
      withdrawalDelay: '0s',
      ...spec,
    },
  },
];

export const aServiceAccount = (namespace: string, name = 'api'): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace, name },
});

export const aClient = (namespace: string, name = 'api', spec: Part = {}): Manifest => ({
  apiVersion: grantor,
  kind: 'OAuthClient',
  metadata: { namespace, name },
  spec: {
    issuerRef: { name: 'main' },
    scopes: [scope],
    audiences: [audience],
    roles: ['reader'],
    authentication: { federated: { serviceAccountName: name } },
    ...spec,
  },
});

export const aBinding = (namespace: string, name = 'api', spec: Part = {}): Manifest => ({
  apiVersion: grantor,
  kind: 'WorkloadIdentityBinding',
  metadata: { namespace, name },
  spec: {
    serviceAccountName: name,
    clientRef: { name },
    token: { scopes: [scope], audience },
    delivery: { secretRef: { name: `${name}-token` } },
    ...spec,
  },
});

/** What is laid over a binding without a Secret: its tokens are for volumes alone. */
export const forVolumes: Part = { delivery: undefined };

/** A ServiceAccount with its client and its token. */
export const aWorkload = (
  namespace: string,
  name = 'api',
  {
    client = {},
    binding = {},
  }: {
    client?: Part;
    binding?: Part;
  } = {},
): Manifest[] => [
  aServiceAccount(namespace, name),
  aClient(namespace, name, client),
  aBinding(namespace, name, binding),
];

/** A Secret as anybody may make one. */
export const aSecret = (namespace: string, name: string, rest: Part = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace, name },
  data: { note: Buffer.from('not yours').toString('base64') },
  ...rest,
});
