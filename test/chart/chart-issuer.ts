import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { systemClock } from '../../src/std/clock.ts';
import { rememberTokens } from '../canary/remember-tokens.ts';
import type { Kubectl } from '../cluster/kubectl.ts';
import { anIssuer } from '../e2e/objects.ts';
import { issuerCredentials, startIssuer } from '../stage/issuer-on-stage.ts';
import type { Manifest } from '../stage/manifests.ts';
import type { Helm } from './helm.ts';
import { ourChart } from './our-chart.ts';
import type { Values } from './values.ts';

/** A line of the issuer's audit. */
export interface IssuerEvent {
  readonly event: string;
  readonly subject?: string;
  readonly pod_uid?: string;
}

/** The embedded issuer, however it runs. */
export interface ChartIssuer extends AsyncDisposable {
  readonly url: string;
  /** What Helm is told because of it. */
  readonly values: Values;
  /** The OAuthIssuer, and what it refers to. */
  readonly manifests: readonly Manifest[];
  /** What it has done so far. */
  audit(): Promise<IssuerEvent[]>;
}

const account = { namespace: 'issuer', name: 'issuer' };

/** As a process of this machine, whose network nodes of ours share. */
export async function issuerOnThisMachine(
  kubectl: Kubectl,
  kubeconfig: string,
  dir: string,
): Promise<ChartIssuer> {
  const manifests = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: account.namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
  ];
  const list = { apiVersion: 'v1', kind: 'List', items: manifests };
  await kubectl(['apply', '--server-side', '--filename=-'], list);
  await using takeDown = new AsyncDisposableStack();
  const kube = takeDown.adopt(
    createKubeClient({
      config: await loadKubeconfig(kubeconfig, systemClock),
      clock: systemClock,
      userAgent: 'grantor-chart-test',
      fieldManager: 'grantor-chart-test',
    }),
    (open) => open.close(),
  );
  const issuer = takeDown.use(await startIssuer({ kube, kubeconfig, account, dir, proxied: true }));
  takeDown.defer(() => issuer.proxy && rememberTokens(issuer.proxy));
  const end = takeDown.move();
  return {
    url: issuer.url,
    values: {},
    manifests: [...issuerCredentials(issuer), anIssuer({ url: issuer.url })],
    audit: () => Promise.resolve(eventsIn(issuer.program.log())),
    [Symbol.asyncDispose]: () => end.disposeAsync(),
  };
}

/** What the chart's own issuer is made of, but for what is there to keep others from it. */
const templates = ['service-account', 'certificate', 'initial-access-token', 'service', 'stateful-set'];

/** In a namespace of its own, so that it outlives what is installed and uninstalled. */
export async function issuerInCluster(kubectl: Kubectl, helm: Helm, values: Values): Promise<ChartIssuer> {
  const { namespace } = account;
  const inNamespace = `--namespace=${namespace}`;
  const issuer = { enabled: true, persistence: { enabled: false } };
  const shown = templates.map((name) => `--show-only=templates/issuer/${name}.yaml`);
  const manifests = await helm(['template', 'issuer', ourChart, inNamespace, ...shown], {
    ...values,
    issuer: { ...issuer, ...(values['issuer'] as Values) },
  });
  const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await kubectl(['apply', '--server-side', '--filename=-'], home);
  await kubectl([inNamespace, 'apply', '--server-side', '--filename=-'], manifests);
  await kubectl([inNamespace, 'rollout', 'status', 'statefulset/grantor-issuer', '--timeout=60s']);
  const read = (what: string, key: string): Promise<string> =>
    kubectl([inNamespace, 'get', what, `--output=jsonpath={.data.${key}}`]);
  const caBundle = await read('configmap/grantor-issuer-ca', 'ca\\.crt');
  const token = Buffer.from(await read('secret/grantor-issuer-registration', 'token'), 'base64').toString();
  const { url = `https://grantor-issuer.${namespace}.svc` } = (values['issuer'] ?? {}) as { url?: string };
  return {
    url,
    // Of its pod: policies look behind the Service.
    values: { issuer: {}, networkPolicy: { issuerPorts: [8443] } },
    manifests: [...issuerCredentials({ caBundle, initialAccessToken: token }), anIssuer({ url })],
    audit: async () => eventsIn(await kubectl([inNamespace, 'logs', 'statefulset/grantor-issuer'])),
    [Symbol.asyncDispose]: async () => {
      await kubectl([inNamespace, 'delete', '--ignore-not-found', '--filename=-'], manifests);
      await kubectl(['delete', 'namespace', namespace]);
    },
  };
}

const eventsIn = (log: string): IssuerEvent[] =>
  log
    .split('\n')
    .filter((line) => line.includes('"event"'))
    .map((line) => JSON.parse(line) as IssuerEvent);
