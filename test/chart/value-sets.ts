const audiences = [{ audience: 'https://login.example/realms/prod' }];

/** Values of installs that differ in what is rendered: what is checked of manifests is checked of each. */
export const valueSets = {
  'as it comes': {},
  'volumes only': { audiences },
  'Secrets in some namespaces': { audiences, secretDelivery: { namespaces: ['acme-prod', 'acme-test'] } },
  'Secrets and no volumes': {
    audiences,
    secretDelivery: { namespaces: ['*'] },
    node: { enabled: false },
    crds: { enabled: false },
  },
  'the embedded issuer': { issuer: { enabled: true } },
  everything: {
    audiences: [...audiences, { audience: 'https://once.example', expirationSeconds: 600 }],
    secretDelivery: { namespaces: ['*'] },
    image: { registry: 'mirror.example/', repository: 'grantor', digest: `sha256:${'0a'.repeat(32)}` },
    imagePullSecrets: [{ name: 'mirror' }],
    clusterID: 'prod-1',
    serviceAccountIssuer: 'https://oidc.example/prod-1',
    controller: {
      replicas: 3,
      logLevel: 'debug',
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
      ],
      priorityClassName: 'important',
      podAnnotations: { 'sidecar.istio.io/inject': 'false' },
      nodeSelector: { pool: 'system' },
      tolerations: [{ key: 'system', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
    },
    node: { kubeletDir: '/var/lib/k0s/kubelet', maxUnavailable: 5, podAnnotations: { a: 'b' } },
    issuer: {
      enabled: true,
      url: 'https://172.31.0.7:8443',
      tlsSecretName: 'issuer-tls',
      initialAccessTokenSecretName: 'issuer-registration',
      persistence: { storageClassName: 'fast', size: '5Gi' },
    },
    networkPolicy: {
      issuerPorts: [443, 8443],
      metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    },
    metrics: {
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true },
      dashboard: { enabled: true },
    },
    tracing: { endpoint: 'https://collector.example:4318/otlp', ratio: 0.1, headersSecretName: 'collector' },
    proxy: { httpsProxy: 'http://proxy.example:3128', noProxy: 'issuer.internal' },
    kubernetesAPI: { host: '172.31.255.1', port: 7443 },
    hostNetwork: true,
    runAsUser: null,
    commonLabels: { team: 'platform' },
  },
} as const satisfies Record<string, object>;
