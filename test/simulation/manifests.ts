import { apiVersion } from '../../src/api/kind.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { BindingWish, ClientName, ClientWish, ScopeWish } from './steps.ts';

export const namespace = 'acme-prod';
export const ownNamespace = 'grantor-system';
export const issuerIdentifier = 'https://login.example';
const audience = 'https://api.example';

type Manifest = KubeObject & { readonly spec?: object; readonly type?: string };

const clientScopes = [
  ['invoices.read', 'invoices.write'],
  ['invoices.read'],
  ['invoices.read', 'openid'],
  ['invoices.read', 'admin'],
] as const;
const bindingScopes = [['invoices.read'], ['invoices.write'], ['invoices.read', 'openid']] as const;

/** A client, and how often somebody has wanted its credential replaced so far. */
export const clientManifest = (
  name: ClientName,
  { scopes, login, secret }: ClientWish,
  rotations = 0,
): Manifest => ({
  apiVersion,
  kind: 'OAuthClient',
  metadata: {
    ...{ namespace, name },
    ...(rotations > 0 ? { annotations: { 'grantor.dev/rotate': String(rotations) } } : {}),
  },
  spec: {
    issuerRef: { name: 'login' },
    scopes: clientScopes[scopes],
    audiences: [audience],
    roles: ['biller'],
    accessTokenLifetime: '2m',
    authentication:
      login === 'federated'
        ? { federated: { serviceAccountName: name } }
        : { [login]: { secretRef: { name: `${name}-credentials-${secret}` }, rotation: { overlap: '5m' } } },
  },
});

/** The Secret that a binding delivers to. */
const tokenSecretName = (name: ClientName, { secret }: Pick<BindingWish, 'secret'>): string =>
  `${name}-token-${secret}`;

export const bindingManifest = (name: ClientName, wish: BindingWish): Manifest => ({
  apiVersion,
  kind: 'WorkloadIdentityBinding',
  metadata: { namespace, name },
  spec: {
    serviceAccountName: name,
    clientRef: { name },
    token: { scopes: bindingScopes[wish.scopes], audience },
    ...(wish.secret === 'none' ? {} : { delivery: { secretRef: { name: tokenSecretName(name, wish) } } }),
  },
});

/** The list of audiences that ServiceAccount tokens may be asked for, as an installation has it. */
export const audienceListManifest = (): KubeObject & { readonly data: object } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: ownNamespace, name: 'grantor-audiences' },
  data: { login: issuerIdentifier },
});

const everyLogin = ['Federated', 'PrivateKey', 'Secret'];

export const scopeManifest = (wish: ScopeWish): Manifest => ({
  apiVersion,
  kind: 'TenantScope',
  metadata: { name: 'acme' },
  spec: {
    tenantID: 'acme',
    namespaceSelector: { matchLabels: { tenant: 'acme' } },
    issuerRefs: [{ name: 'login' }],
    clients: { authentication: wish === 'federatedOnly' ? ['Federated'] : everyLogin },
    tokens: {
      scopes: wish === 'narrow' ? ['invoices.read'] : ['invoices.*', 'openid'],
      audiences: [audience],
      roles: ['biller'],
      maxLifetime: wish === 'shortLived' ? '1m' : '15m',
    },
    withdrawalDelay: '3s',
    suspend: wish === 'suspended',
  },
});

export const issuerManifest = (): Manifest => ({
  apiVersion,
  kind: 'OAuthIssuer',
  metadata: { name: 'login' },
  spec: { issuer: issuerIdentifier, driver: { standard: {} }, unenforcedCeiling: 'Accept' },
});

export const accountManifest = (name: ClientName): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { namespace, name },
});

export const namespaceManifest = (labels: Readonly<Record<string, string>>): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: namespace, labels },
});

/** A Secret of somebody else's, where the first binding delivers to. */
export const foreignSecretManifest = (): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata: { namespace, name: tokenSecretName('billing', { secret: 'a' }) },
});
