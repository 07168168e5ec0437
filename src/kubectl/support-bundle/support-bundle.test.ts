import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aSession } from '../../../test/gen/a-session.ts';
import { change } from '../../../test/gen/client-steps.ts';
import { unpack } from '../../../test/kubectl/unpack.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { ok } from '../../std/result.ts';
import { supportBundle } from './support-bundle.ts';

const dir = mkdtempSync(join(tmpdir(), 'grantor-bundle-'));
afterAll(() => rmSync(dir, { recursive: true }));

type Labels = Readonly<Record<string, string>>;

const home = 'grantor-system';
const pod = 'grantor-controller-7c9d5b6f4d-abcde';
const log = `/api/v1/namespaces/${home}/pods/${pod}/log`;
const nodePod = 'grantor-node-fghij';
const nodeMetrics = `/api/v1/namespaces/${home}/pods/${nodePod}:8081/proxy/metrics`;
const ofGrantor: Labels = { 'app.kubernetes.io/name': 'grantor' };
const metrics = `/api/v1/namespaces/${home}/pods/${pod}:9090/proxy/metrics`;

async function aClusterWithPods(): Promise<Cluster> {
  const cluster = await aReadyCluster();
  await cluster.binding();
  change(cluster, { metadata: { annotations: { note: 'of-others', 'grantor.dev/rotate': 'asked' } } });
  const put = (plural: string, kind: string, name: string, rest: object, labels: Labels = ofGrantor) =>
    cluster.kube.put(plural, {
      apiVersion: 'v1',
      kind,
      metadata: { namespace: home, name, labels },
      ...rest,
    });
  const running = (name: string, containerPort: number) => ({
    spec: { containers: [{ name, ports: [{ name: 'probes', containerPort }] }] },
    status: { phase: 'Running' },
  });
  put('pods', 'Pod', pod, running('controller', 9090));
  put('pods', 'Pod', nodePod, running('node', 8081));
  put('pods', 'Pod', 'neighbour', running('app', 8080), {});
  put('deployments', 'Deployment', 'neighbour', {}, {});
  const about = { kind: 'Pod', name: 'neighbour', apiVersion: 'v1' };
  put('events', 'Event', 'neighbour.1', { involvedObject: about, message: 'of a neighbour' }, {});
  const env = [{ name: 'HTTPS_PROXY', value: 'proxy-with-a-password' }];
  put('deployments', 'Deployment', 'grantor-controller', {
    spec: { template: { spec: { containers: [{ name: 'controller', image: 'grantor:0.1.0', env }] } } },
  });
  return cluster;
}

let files = 0;

async function bundleOf(cluster: Cluster, texts: Readonly<Record<string, string>> = {}) {
  const file = join(dir, `${++files}.tar.gz`);
  const session = aSession(cluster, {
    texts: { [log]: 'it started\n', [metrics]: 'up 1\n', [nodeMetrics]: 'up 2\n', ...texts },
  });
  const outcome = await supportBundle(session, { file, grantorNamespace: home }, '0.1.0');
  return { file, session, outcome, content: unpack(file) };
}

describe('support-bundle', () => {
  test('has objects, versions, logs and metrics, in a file that nobody else can read', async () => {
    const { file, session, outcome, content } = await bundleOf(await aClusterWithPods());
    expect(outcome).toEqual({ ok: true, value: 'fine' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Object.keys(content).sort((a, b) => a.localeCompare(b))).toMatchInlineSnapshot(`
      [
        "logs/grantor-controller-7c9d5b6f4d-abcde/controller.log",
        "logs/grantor-controller-7c9d5b6f4d-abcde/controller.previous.log",
        "metrics/grantor-controller-7c9d5b6f4d-abcde.prom",
        "metrics/grantor-node-fghij.prom",
        "objects/audiences.json",
        "objects/client-secrets-metadata.json",
        "objects/csidrivers.storage.k8s.io.json",
        "objects/csinodes.storage.k8s.io.json",
        "objects/daemonsets.apps.json",
        "objects/deployments.apps.json",
        "objects/events-of-grantor.json",
        "objects/events.json",
        "objects/leases.coordination.k8s.io.json",
        "objects/oauthclients.grantor.dev.json",
        "objects/oauthissuers.grantor.dev.json",
        "objects/pods-of-grantor.json",
        "objects/statefulsets.apps.json",
        "objects/tenantscopes.grantor.dev.json",
        "objects/token-secrets-metadata.json",
        "objects/validatingadmissionpolicies.admissionregistration.k8s.io.json",
        "objects/validatingadmissionpolicybindings.admissionregistration.k8s.io.json",
        "objects/workloadidentitybindings.grantor.dev.json",
        "omitted.txt",
        "versions.json",
      ]
    `);
    expect(content[`logs/${pod}/controller.log`]).toBe('it started\n');
    expect(content[`metrics/${pod}.prom`]).toBe('up 1\n');
    expect(content['objects/oauthclients.grantor.dev.json']).toContain('"clientID"');
    expect(session.terminal.printed).toContain(`${file}: ${Object.keys(content).length - 1} files`);
  });

  test('has nothing that others wrote beside objects, no environment, and no data of Secrets', async () => {
    const cluster = await aClusterWithPods();
    const { content } = await bundleOf(cluster);
    const all = Object.values(content).join('\n');
    for (const secret of ['of-others', 'proxy-with-a-password', 'managedFields'])
      expect(all).not.toContain(secret);
    expect(all).toContain('"grantor.dev/rotate": "asked"');
    expect(content['objects/token-secrets-metadata.json']).toContain('grantor.dev/expires-at');
    const secret = cluster.kube.find<KubeObject & { data: { token: string } }>('secrets', {
      namespace: 'acme-prod',
      name: 'billing-token',
    });
    const encoded = secret!.data.token;
    expect(all).not.toContain(encoded);
    expect(all).not.toContain(Buffer.from(encoded, 'base64').toString());
  });

  test('has what pods and containers with the longest names say', async () => {
    const cluster = await aClusterWithPods();
    const [long, sidecar] = [`grantor-${'x'.repeat(245)}`, 's'.repeat(63)];
    const ports = [{ name: 'probes', containerPort: 9090 }];
    cluster.kube.put('pods', {
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: home, name: long, labels: ofGrantor } },
      spec: { containers: [{ name: sidecar, ports }] },
    } as never);
    const at = `/api/v1/namespaces/${home}/pods/${long}`;
    const texts = { [`${at}/log`]: 'it started\n', [`${at}:9090/proxy/metrics`]: 'up 1\n' };
    const { outcome, content } = await bundleOf(cluster, texts);
    expect(outcome).toEqual({ ok: true, value: 'fine' });
    expect(Object.keys(content)).toContain(`logs/${'x'.repeat(90)}/${sidecar}.previous.log`);
    expect(Object.keys(content)).toContain(`metrics/${'x'.repeat(90)}.prom`);
  });

  test('has nothing of what else is in the namespace of Grantor', async () => {
    const { content } = await bundleOf(await aClusterWithPods());
    expect(content['objects/pods-of-grantor.json']).toContain(nodePod);
    for (const [path, text] of Object.entries(content)) expect(`${path}: ${text}`).not.toContain('neighbour');
  });

  test('asks for few things at a time, and of many nodes for the logs of some', async () => {
    const cluster = await aClusterWithPods();
    for (let n = 0; n < 40; n++)
      cluster.kube.put('pods', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          namespace: home,
          name: `grantor-node-${n}`,
          labels: { ...ofGrantor, 'app.kubernetes.io/component': 'node' },
        },
        spec: { containers: [{ name: 'node' }] },
      } as never);
    const session = aSession(cluster);
    let [under, most] = [0, 0];
    session.kube.readText = async (path) => {
      most = Math.max(most, ++under);
      for (let turn = 0; turn < 20; turn++) await setImmediate();
      under--;
      return ok(path);
    };
    const file = join(dir, `${++files}.tar.gz`);
    await supportBundle(session, { file, grantorNamespace: home }, '0.1.0');
    expect(most).toBe(8);
    const content = unpack(file);
    const logs = Object.keys(content).filter((path) => /^logs\/grantor-node-\d+\/node.log$/.test(path));
    expect(logs).toHaveLength(20);
    expect(content['omitted.txt']).toContain('logs and metrics of 20 more pods of the node plug-in');
  });

  test('says what it could not have', async () => {
    const cluster = await aClusterWithPods();
    cluster.kube.fail('list', 'forbidden', 'oauthissuers');
    const { content, session } = await bundleOf(cluster);
    const line = 'you may not list oauthissuers.grantor.dev in the cluster';
    expect(content['omitted.txt']).toContain(line);
    expect(session.terminal.printed).toContain(`not in it: ${line}`);
  });

  test('is never written over a file that is there', async () => {
    const cluster = await aClusterWithPods();
    const { file } = await bundleOf(cluster);
    const again = await supportBundle(aSession(cluster), { file, grantorNamespace: home }, '0.1.0');
    expect(again).toMatchObject({
      error: { exit: 'usage', message: `${file} cannot be written: it is there already` },
    });
  });
});
