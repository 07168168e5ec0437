import { createOperator } from '../../src/cmd/operator.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import type { Clock } from '../../src/std/clock.ts';
import { systemRng } from '../../src/std/rng.ts';
import { FakeApiServer, serviceAccountIssuer } from '../fakes/fake-api-server/fake-api-server.ts';
import { recordingLog } from '../fakes/recording-log.ts';

const apiVersion = 'grantor.dev/v1alpha1';
const at = { namespace: 'acme-prod', name: 'consumer' } as const;
export const copyAt = { namespace: 'acme-prod', name: 'credentials' } as const;
export const wanted = { scopes: ['orders.read'], audience: 'https://api.example' } as const;

export type Method = 'privateKey' | 'secret' | 'mutualTLS';

const objects = (issuer: string, method: Method): readonly (readonly [string, object])[] => [
  [
    'namespaces',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace, labels: { tenant: 'acme' } } },
  ],
  [
    'configmaps',
    {
      ...{ apiVersion: 'v1', kind: 'ConfigMap' },
      metadata: { namespace: 'grantor-system', name: 'grantor-audiences' },
      data: { issuer },
    },
  ],
  [
    'oauthissuers',
    {
      ...{ apiVersion, kind: 'OAuthIssuer', metadata: { name: 'main' } },
      spec: { issuer, driver: { standard: {} }, unenforcedCeiling: 'Accept' },
    },
  ],
  [
    'tenantscopes',
    {
      ...{ apiVersion, kind: 'TenantScope', metadata: { name: 'acme' } },
      spec: {
        tenantID: 'acme',
        namespaceSelector: { matchLabels: { tenant: 'acme' } },
        issuerRefs: [{ name: 'main' }],
        clients: { authentication: ['PrivateKey', 'Secret', 'MutualTLS'] },
        tokens: { scopes: wanted.scopes, audiences: [wanted.audience], maxLifetime: '15m' },
      },
    },
  ],
  [
    'oauthclients',
    {
      ...{ apiVersion, kind: 'OAuthClient', metadata: at },
      spec: {
        issuerRef: { name: 'main' },
        scopes: wanted.scopes,
        audiences: [wanted.audience],
        authentication: {
          [method]: {
            secretRef: { name: copyAt.name },
            rotation: { overlap: '5m', ...(method === 'secret' ? { allowInterruption: true } : {}) },
          },
        },
      },
    },
  ],
];

const nothing = (): void => {};
const metrics = { count: nothing, set: nothing, drop() {}, observe: nothing };

interface Told {
  readonly rotation?: { readonly phase?: string; readonly rotatedAt?: string };
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly message: string;
  }[];
}

/** The whole operator, on a clock of its own, before a real issuer; its API server is in memory. */
export class RotatingCluster {
  readonly server: FakeApiServer;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(driver: IssuerDriver, issuer: string, method: Method, clock: Clock) {
    this.server = new FakeApiServer(clock, systemRng);
    for (const [plural, object] of objects(issuer, method)) this.server.put(plural, object as KubeObject);
    const operator = createOperator({
      secretNamespaces: '*',
      ...{ kube: this.server.client(), ownNamespace: 'grantor-system', clusterID: systemRng.uuid() },
      ...{ serviceAccountIssuer, clock, rng: systemRng, log: recordingLog(), metrics },
      ...{ audit: () => {}, identity: undefined },
      createDriver: () => driver,
    });
    this.#ended = operator.run(this.#stop.signal);
  }

  get status(): Told {
    return (this.server.find('oauthclients', at) as { readonly status?: Told } | undefined)?.status ?? {};
  }

  /** What its status says, for a failure. */
  get told(): string {
    return JSON.stringify(this.status);
  }

  /** Asks for a rotation. */
  ask(value: string): void {
    const client = this.server.find('oauthclients', at);
    if (client === undefined) throw new Error('there is no client');
    const metadata = { ...client.metadata, annotations: { 'grantor.dev/rotate': value } };
    this.server.put('oauthclients', { ...client, metadata });
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}
