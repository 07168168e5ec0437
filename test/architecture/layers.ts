/** One layer: what lives in a folder of src and what it may use. This table is the definition; docs/architecture.md explains it. */
export interface Layer {
  readonly folder: string;
  readonly level: number;
  /** npm packages that it may import. */
  readonly packages: readonly string[];
  /** Folders of the same level that it may import types from. */
  readonly typesFrom?: readonly string[];
}

export const layers: readonly Layer[] = [
  { folder: 'std', level: 0, packages: [] },
  { folder: 'api', level: 1, packages: ['zod'] },
  { folder: 'domain', level: 2, packages: [] },
  { folder: 'ports', level: 3, packages: [] },
  {
    folder: 'telemetry',
    level: 4,
    packages: [
      'pino',
      '@prometheus-io/client',
      'zod',
      '@opentelemetry/api',
      '@opentelemetry/exporter-trace-otlp-proto',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace',
    ],
  },
  { folder: 'kube', level: 4, packages: ['@kubernetes/client-node', 'undici'], typesFrom: ['telemetry'] },
  { folder: 'runtime', level: 4, packages: [], typesFrom: ['telemetry', 'kube'] },
  { folder: 'issuers', level: 4, packages: ['oauth4webapi', 'jose', 'undici'], typesFrom: ['telemetry'] },
  { folder: 'delivery', level: 4, packages: [], typesFrom: ['kube'] },
  { folder: 'world', level: 5, packages: [] },
  { folder: 'issuance', level: 5, packages: [] },
  { folder: 'controllers', level: 6, packages: [] },
  { folder: 'node', level: 6, packages: ['@grpc/grpc-js', 'zod'] },
  { folder: 'kubectl', level: 6, packages: ['yaml'] },
  { folder: 'embedded-issuer', level: 6, packages: ['oidc-provider', 'jose', 'undici'] },
  { folder: 'cmd', level: 7, packages: ['commander'] },
];

/** `node:` modules are free from this level up. */
export const nodeModulesFrom = 4;

/** Files below that level that may use one all the same, and which. */
export const nodeModuleExceptions: Readonly<Record<string, string>> = {
  'std/digest.ts': 'node:crypto',
  'std/proxy.ts': 'node:net',
};

/** The only files that read the clock, set timers or draw random numbers. */
export const timeAndChance: readonly string[] = ['std/clock.ts', 'std/rng.ts'];

/** The only file that loads the Kubernetes client library, which costs most of a second and 90 MB. */
export const clientNodeFile = 'kube/kubeconfig.ts';

/** The only files that see the inside of a `Secret<T>`: where it is sent, stored or used as a key. */
export const revealers: readonly string[] = [
  'delivery/credential-values.ts',
  'delivery/credentials-secret.ts',
  'delivery/registration-secret.ts',
  'delivery/tls-files.ts',
  'delivery/token-files.ts',
  'embedded-issuer/access-tokens.ts',
  'embedded-issuer/build-provider.ts',
  'embedded-issuer/client-form.ts',
  'embedded-issuer/workload-login.ts',
  'embedded-issuer/workload-token.ts',
  'issuers/client-authentication.ts',
  'issuers/client-configuration.ts',
  'issuers/client-metadata.ts',
  'issuers/grant-type.ts',
  'issuers/http.ts',
  'issuers/hydra/admin-api.ts',
  'issuers/hydra/clients.ts',
  'issuers/hydra/doubtful-requests.ts',
  'issuers/introspection.ts',
  'issuers/keycloak/admin-api.ts',
  'issuers/keycloak/client-secrets.ts',
  'issuers/keycloak/server-time.ts',
  'issuers/private-key.ts',
  'issuers/registration.ts',
  'issuers/revocation.ts',
  'issuers/token-request.ts',
  'issuers/verify-token.ts',
  'kube/connections.ts',
  'kube/transport.ts',
  'node/parse-pod-tokens.ts',
  'node/volume-attributes.ts',
  'node/pod-token.ts',
];

/** Folders that may open connections, and those that may listen. */
export const connectors: readonly string[] = ['kube', 'issuers', 'embedded-issuer'];
export const listeners: readonly string[] = ['telemetry', 'embedded-issuer', 'node'];
