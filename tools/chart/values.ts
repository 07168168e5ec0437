import * as z from 'zod';
import { scheduling } from './scheduling.ts';

const port = z.int().min(1).max(65_535);
const resources = z.looseObject({}).describe('Requests and limits, as in a container.');
const labels = z.record(z.string(), z.string());
const namespace = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const logLevel = z.enum(['debug', 'info', 'warn', 'error']).describe('The least level to log.');
const orNone = (pattern: RegExp) => z.union([z.literal(''), z.string().regex(pattern)]);

/** The values of the chart: the one definition, of which values.yaml, values.schema.json and the table in its README are made. */
export const values = z.strictObject({
  secretDelivery: z
    .strictObject({
      namespaces: z
        .array(z.union([z.literal('*'), z.string().regex(namespace)]))
        .describe(
          'Where Grantor may write Secrets, by the names of namespaces; `["*"]`: everywhere. It can read every Secret there, as RBAC cannot ' +
            'tell its own from others. Empty: tokens are delivered in volumes only, and there is no right on Secrets outside its own namespace.',
        )
        .default([]),
    })
    .describe('Delivery of tokens and credentials in Secrets.')
    .prefault({}),
  audiences: z
    .array(
      z.strictObject({
        audience: z.string().min(1),
        expirationSeconds: z.int().min(600).max(86_400).default(3600),
      }),
    )
    .describe(
      'For whom ServiceAccount tokens may be made: `spec.federation.audience` of each OAuthIssuer, usually its issuer URL, as `{audience, expirationSeconds}`. ' +
        '600 seconds where each token is good for one use (`assertionReuse: SingleUse`), else 3600. Nothing else can be asked for: Grantor cannot change this list.',
    )
    .default([]),
  image: z
    .strictObject({
      registry: z
        .string()
        .describe('Put before the repository: a mirror without access to others.')
        .default(''),
      repository: z
        .string()
        .min(1)
        .describe('Name of the image, with its registry if that is not given above.')
        .default('grantor'),
      tag: z.string().describe('Default: the version of the chart.').default(''),
      digest: orNone(/^sha256:[0-9a-f]{64}$/)
        .describe('`sha256:…`; what runs is that, whatever the tag says.')
        .default(''),
      pullPolicy: z
        .enum(['IfNotPresent', 'Always', 'Never'])
        .describe('As in a container.')
        .default('IfNotPresent'),
    })
    .describe('The one image, of all parts.')
    .prefault({}),
  imagePullSecrets: z
    .array(z.strictObject({ name: z.string().min(1) }))
    .describe("Secrets of the release's namespace for the registry, as `{name}`.")
    .default([]),
  crds: z
    .strictObject({
      enabled: z.boolean().describe('Install and upgrade them with the chart.').default(true),
      keep: z
        .boolean()
        .describe('Leave them, and with them what tenants wrote, when the chart is uninstalled.')
        .default(true),
    })
    .describe('CustomResourceDefinitions.')
    .prefault({}),
  clusterID: orNone(/^[A-Za-z0-9][-._A-Za-z0-9]{0,62}$/)
    .describe(
      'Marks the clients of this cluster at issuers that several clusters share, and names it in the audit trail of nodes. Default: the UID of the namespace kube-system, and nothing in the lines of nodes.',
    )
    .default(''),
  serviceAccountIssuer: z
    .string()
    .describe("`iss` of the cluster's ServiceAccount tokens. Default: what the API server says.")
    .default(''),
  controller: z
    .strictObject({
      replicas: z.int().min(0).max(9).describe('One leads, the others are ready to.').default(2),
      logLevel: logLevel.default('info'),
      port: port.describe('Of probes and metrics.').default(8080),
      resources: resources.default({
        requests: { cpu: '50m', memory: '160Mi' },
        limits: { memory: '512Mi' },
      }),
      podDisruptionBudget: z
        .strictObject({
          enabled: z.boolean().describe('Where there are two replicas or more.').default(true),
          minAvailable: z
            .union([z.int().min(0), z.string().regex(/^\d{1,3}%$/)])
            .describe('As in a PodDisruptionBudget.')
            .default(1),
        })
        .describe('Keeps a drain from taking all replicas at once.')
        .prefault({}),
      topologySpreadConstraints: z
        .array(z.looseObject({}))
        .describe('Default: over zones and nodes, if that can be.')
        .default([]),
      ...scheduling({ priorityClassName: '', tolerations: [] }),
    })
    .describe('The Deployment that registers clients and decides.')
    .prefault({}),
  node: z
    .strictObject({
      enabled: z
        .boolean()
        .describe('Tokens in volumes. Without it only delivery in Secrets is left.')
        .default(true),
      kubeletDir: z
        .string()
        .regex(/^(\/[^/\s]+)+$/)
        .max(60)
        .describe(
          "The kubelet's folder on nodes: /var/snap/microk8s/common/var/lib/kubelet, /var/lib/k0s/kubelet, and so on.",
        )
        .default('/var/lib/kubelet'),
      logLevel: logLevel.default('info'),
      port: port.describe('Of probes and metrics.').default(8081),
      resources: resources.default({
        requests: { cpu: '10m', memory: '80Mi' },
        limits: { memory: '256Mi' },
      }),
      maxUnavailable: z
        .union([z.int().min(1), z.string().regex(/^\d{1,3}%$/)])
        .describe('How many nodes are upgraded at a time. Mounted tokens stay meanwhile.')
        .default('10%'),
      ...scheduling({
        priorityClassName: 'system-node-critical',
        tolerations: [{ operator: 'Exists' }],
      }),
    })
    .describe('The DaemonSet that puts tokens into volumes of pods.')
    .prefault({}),
  issuer: z
    .strictObject({
      enabled: z.boolean().describe('For trying out and for small clusters.').default(false),
      url: orNone(/^https:\/\/[^\s/]+$/)
        .describe(
          'Its identifier, `https://host[:port]`. Default: https://grantor-issuer.NAMESPACE.svc, which pods of this cluster reach.',
        )
        .default(''),
      port: port.describe('Where it listens.').default(8443),
      serviceAccountIssuer: z
        .string()
        .describe('`iss` of the ServiceAccount tokens that it accepts. Default: what the API server says.')
        .default(''),
      tlsSecretName: z
        .string()
        .describe(
          'A Secret of type kubernetes.io/tls. Default: the chart makes a certificate for ten years, and a ConfigMap grantor-issuer-ca.',
        )
        .default(''),
      initialAccessTokenSecretName: z
        .string()
        .describe(
          'A Secret with the key `token`, by which clients are registered. Default: the chart makes one.',
        )
        .default(''),
      persistence: z
        .strictObject({
          enabled: z.boolean().describe('Without it registrations and keys go with the pod.').default(true),
          storageClassName: z.string().describe("Default: the cluster's own.").default(''),
          size: z
            .string()
            .regex(/^\d+(\.\d+)?(Ki|Mi|Gi|Ti)?$/)
            .describe('Of the volume.')
            .default('1Gi'),
        })
        .describe('The file with registrations, keys and revocations.')
        .prefault({}),
      resources: resources.default({
        requests: { cpu: '20m', memory: '128Mi' },
        limits: { memory: '384Mi' },
      }),
      ...scheduling({ priorityClassName: '', tolerations: [] }),
    })
    .describe('The embedded authorization server.')
    .prefault({}),
  networkPolicy: z
    .strictObject({
      enabled: z
        .boolean()
        .describe('Nothing goes in or out but what follows, DNS, and probes of kubelets.')
        .default(true),
      apiServerPorts: z
        .array(port)
        .describe('The ports of the API servers themselves, which may differ from that of the Service.')
        .default([443, 6443]),
      issuerPorts: z
        .array(port)
        .describe(
          'The ports of your issuers; of one in this cluster, the port of its pods. A port of `proxy.httpsProxy` and the embedded issuer need not be here.',
        )
        .default([443]),
      metricsFrom: z
        .array(z.looseObject({}))
        .describe('Who may read metrics, as peers of a NetworkPolicy. Empty: any pod of the cluster.')
        .default([]),
    })
    .describe('NetworkPolicies. Pods in the network of their node (`hostNetwork`) are not subject to them.')
    .prefault({}),
  metrics: z
    .strictObject({
      serviceMonitor: z
        .strictObject({
          enabled: z.boolean().describe('Needs the CRDs of Prometheus Operator.').default(false),
          interval: z
            .string()
            .regex(/^\d+[smh]$/)
            .describe('Between two scrapes.')
            .default('30s'),
          labels: labels.describe('By which your Prometheus selects it.').default({}),
        })
        .describe('Services and ServiceMonitors.')
        .prefault({}),
      prometheusRule: z
        .strictObject({
          enabled: z.boolean().describe('Needs the CRDs of Prometheus Operator.').default(false),
          labels: labels.describe('By which your Prometheus selects it.').default({}),
          runbooks: z
            .string()
            .regex(/^https?:\/\/\S+$/)
            .describe('Where alerts send who is on call: the folder of the pages docs/runbooks.')
            .default('https://grantor.dev/docs/runbooks'),
        })
        .describe('Alerts, each with a runbook.')
        .prefault({}),
      dashboard: z
        .strictObject({
          enabled: z.boolean().describe("A ConfigMap for the sidecar of Grafana's chart.").default(false),
          labels: labels.describe('By which Grafana finds it.').default({ grafana_dashboard: '1' }),
        })
        .describe('The Grafana dashboard.')
        .prefault({}),
    })
    .describe('Monitoring. Metrics themselves are always served, at /metrics.')
    .prefault({}),
  tracing: z
    .strictObject({
      endpoint: orNone(/^https?:\/\/[^\s/@]+(\/\S*)?$/)
        .describe(
          'A collector that takes OTLP over HTTP: `http://collector.monitoring:4318`. Empty: there is no tracing. It is reached without `proxy`.',
        )
        .default(''),
      ratio: z
        .number()
        .min(0)
        .max(1)
        .describe('The share of traces that is kept of those that begin here.')
        .default(1),
      headersSecretName: z
        .string()
        .describe(
          'A Secret with the key `headers`, `name=value` with commas in between, for a collector that asks who sends.',
        )
        .default(''),
    })
    .describe('Traces by OpenTelemetry, of all parts.')
    .prefault({}),
  proxy: z
    .strictObject({
      httpsProxy: orNone(/^https?:\/\/[^\s]+$/)
        .describe('`http://proxy.example:3128`: the way to issuers.')
        .default(''),
      noProxy: z
        .string()
        .describe(
          'What is reached without it, with commas in between. The API server, `.svc` and `.cluster.local` always are.',
        )
        .default(''),
    })
    .describe('An HTTP proxy between the cluster and its issuers.')
    .prefault({}),
  kubernetesAPI: z
    .strictObject({
      host: z.string().describe('A name or an address.').default(''),
      port: port.describe('Counts where a host is given.').default(443),
    })
    .describe(
      'How the API server is reached where its Service is not, as on nodes before kube-proxy or its replacement is there.',
    )
    .prefault({}),
  hostNetwork: z
    .boolean()
    .describe('Everything in the network of its node: for issuers that are reached from there only.')
    .default(false),
  runAsUser: z
    .int()
    .min(1)
    .nullable()
    .describe('Controller and embedded issuer; null on OpenShift, which chooses one.')
    .default(65_532),
  commonLabels: labels.describe('On every object; never a label that the chart sets itself.').default({}),
  global: z
    .looseObject({})
    .describe('What a chart around this one shares with all; nothing is read.')
    .default({}),
});
