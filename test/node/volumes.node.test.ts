import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { AuditLine } from '../../src/telemetry/audit-schema.ts';
import { auditLinesIn } from '../audit/audit-lines.ts';
import { FragmentIndex } from '../canary/fragment-index.ts';
import { dumpEtcd } from '../cluster/dump-etcd.ts';
import { testNode } from '../cluster/node/test-node.ts';
import { look } from '../e2e/look.ts';
import type { SeenPod } from './look-at-pods.ts';
import { aDeployment, mountPath, reader } from './pods.ts';
import { useNodeStage } from './use-node-stage.ts';

/** What a reader says. */
interface Said {
  readonly jti?: string;
  readonly wrong?: string;
}

describe.skipIf(testNode() === undefined)('tokens in the volumes of a Deployment', () => {
  const on = useNodeStage();
  const see = look(on.stage);
  const tenant = 'mounts';
  const said = async ({ metadata }: SeenPod): Promise<Said[]> =>
    (await on.kubectl([`--namespace=${tenant}`, 'logs', metadata.name]))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Said);
  let pods: SeenPod[] = [];

  test('each of three pods becomes ready with a token of its own, which it got as itself', async () => {
    await on.tenant(tenant, { client: { accessTokenLifetime: '20s' } });
    const securityContext = { fsGroup: 70_000 };
    await on.apply(aDeployment(tenant, 'readers', 3, { securityContext, script: reader }));
    pods = await on.ready(tenant, 3);
    const ids = pods.map((pod) => on.claims(pod)?.jti);
    expect(new Set(ids).size).toBe(3);
    const asked = ids.map((jti) => on.issued().find((line) => line.jti === jti)?.pod_uid);
    expect(asked).toEqual(pods.map(({ metadata }) => metadata.uid));
  });

  test("its files are the group's that the pod has, and nobody's to write", async () => {
    const [pod] = pods as [SeenPod, ...SeenPod[]];
    const { uid, name } = pod.metadata;
    const target = `/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~csi/token/mount`;
    const { gid, mode } = statSync(on.node.path(join(target, 'token')));
    expect({ gid, mode: (mode & 0o7777).toString(8) }).toEqual({ gid: 70_000, mode: '440' });
    const write = `fs.writeFileSync('${mountPath}/token', 'mine')`;
    const exec = ['exec', name, '--', '/nodejs/bin/node', '-e', write];
    await expect(on.kubectl([`--namespace=${tenant}`, ...exec])).rejects.toThrow(/EROFS/);
    const mounted = (await on.traces([uid])).find((line) => line.includes(target));
    expect(mounted).toMatch(/ ro,nosuid,nodev,noexec/);
  });

  test('it is renewed in place three times, while a reader sees the one set or the other and never less', async () => {
    const read = await vi.waitFor(
      async () => {
        const all = await Promise.all(pods.map(said));
        for (const one of all) expect(one.filter(({ jti }) => jti).length).toBeGreaterThanOrEqual(4);
        return all;
      },
      { timeout: 110_000, interval: 2000 },
    );
    for (const [at, lines] of read.entries()) {
      expect(lines.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
      const seen = lines.map(({ jti }) => jti);
      const issued = on.issued().filter(({ pod_uid }) => pod_uid === pods[at]?.metadata.uid);
      const ids = issued.map(({ jti }) => jti);
      // The first may have had its successor before the container ran; from then on none was missed.
      const first = ids.indexOf(seen[0]);
      expect(seen).toEqual(ids.slice(first, first + seen.length));
    }
    const now = await on.ready(tenant, 3);
    expect(now.flatMap(({ status }) => status.containerStatuses?.map((one) => one.restartCount))).toEqual([
      0, 0, 0,
    ]);
  }, 120_000);

  test('who looks sees it: at the binding, in the audit and in the metrics of the node', async () => {
    const { name, uid } = pods[0]!.metadata;
    await vi.waitFor(
      async () => expect((await see.object('binding', `${tenant}/api`)).status).toMatchObject({ pods: 3 }),
      { timeout: 80_000, interval: 1000 },
    );
    const audit = auditLinesIn(await on.plugIn.log()).map((line) => JSON.parse(line) as AuditLine);
    const ofThePod = audit.filter(({ data }) => data.podUID === uid);
    expect(ofThePod.length).toBeGreaterThanOrEqual(4);
    expect(ofThePod[0]).toMatchObject({
      ...{ type: 'dev.grantor.token.issue.v1', source: `/nodes/${on.node.name}` },
      subject: `WorkloadIdentityBinding ${tenant}/api`,
      data: { outcome: 'success', pod: `${tenant}/${name}`, node: on.node.name },
    });
    const issued = on.issued().filter(({ pod_uid }) => pod_uid === uid);
    // Both sides tell of the same tokens, and of the same requests for them.
    expect(ofThePod.map(({ data }) => [data.tokenID, data.correlationID])).toEqual(
      issued.map(({ jti, request_id }) => [jti, request_id]).slice(0, ofThePod.length),
    );
    const metrics = await (await fetch(`${on.plugIn.probes}/metrics`)).text();
    expect(metrics).toMatch(/^grantor_node_volumes\{content="Fresh"\} 3$/m);
    for (const word of [name, uid, `"${tenant}/`]) expect(metrics).not.toContain(word);
  }, 90_000);

  test('nothing is left of pods that are deleted', async () => {
    const uids = pods.map(({ metadata }) => metadata.uid);
    expect(await on.traces(uids)).toHaveLength(6);
    await on.kubectl([`--namespace=${tenant}`, 'delete', 'deployment', 'readers']);
    await on.ready(tenant, 0);
    expect(await on.traces(uids)).toEqual([]);
  });

  test('no token was ever in etcd', async () => {
    const planted = 'cGxhbnRlZC1hcy1hLXRva2VuLXdvdWxkLWJl';
    await on.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: tenant, name: 'planted' },
      stringData: { planted },
    });
    const { issued, requests } = on.stage.proxy;
    const shown = requests.map(({ body }) => new URLSearchParams(body).get('client_assertion') ?? '');
    const tokens = [...issued, ...shown.filter(Boolean)];
    expect(tokens.length).toBeGreaterThanOrEqual(24);
    const index = new FragmentIndex([planted, ...tokens]);
    const { etcdUrl, dir } = on.stage.controlPlane;
    const dump = await dumpEtcd(etcdUrl);
    const holders = [...dump].filter(([, value]) => index.search(value).length > 0).map(([key]) => key);
    expect(holders).toEqual([`/registry/secrets/${tenant}/planted`]);
    // What there was and was overwritten is in its files.
    const files = readdirSync(join(dir, 'etcd'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(wal|snap)$|db$/.test(name),
    );
    const found = files.flatMap((name) => index.search(readFileSync(join(dir, 'etcd', name))));
    expect(new Set(found.map(({ secret }) => secret))).toEqual(new Set([0]));
  });
});
