import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundlePlugIn } from '../../tools/bundle/bundle-plug-in.ts';
import { secretsOf } from '../canary/capture.ts';
import { aWorkload } from '../e2e/objects.ts';
import { plugIn } from '../kubectl/run-plug-in.ts';
import { unpack } from '../kubectl/unpack.ts';
import { type ChartStage, home } from './use-chart.ts';

interface SecretObject {
  readonly type: string;
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * `kubectl grantor` where Grantor runs in pods: they log, tell metrics, and kubelets know the driver. In namespace `tenant` is client `kept`
 * with its token in a Secret, and pods have a volume.
 */
export function describePlugIn(on: ChartStage, tenant: string): void {
  let grantor: ReturnType<typeof plugIn>;
  const here = ['--namespace', tenant];
  const secrets = async (): Promise<string[]> => {
    const list = await on.kubectl(['get', 'secrets', '--all-namespaces', '--output=json']);
    return (JSON.parse(list) as { items: SecretObject[] }).items
      .filter(({ type }) => type !== 'helm.sh/release.v1')
      .flatMap(({ data = {} }) => secretsOf(data));
  };
  const podNames = async (): Promise<string[]> => (await on.pods(home)).map(({ metadata }) => metadata.name);

  describe('kubectl grantor', () => {
    beforeAll(async () => {
      const program = join(on.dir, 'kubectl-grantor');
      await bundlePlugIn(program);
      grantor = plugIn(program, on.kubeconfig);
      const authentication = { privateKey: { secretRef: { name: 'keyed-credentials' } } };
      await on.apply(...aWorkload(tenant, 'keyed', { client: { authentication } }));
      const ready = ['--for=condition=Ready', '--all', '--timeout=30s'];
      await on.kubectl(['--namespace', tenant, 'wait', 'workloadidentitybindings', ...ready]);
    });

    test('status says that all is well', async () => {
      await expect
        .poll(() => grantor('status', '-A'), { timeout: 20_000 })
        .toMatchObject({ code: 0, err: '' });
    });

    test('tree goes down to the pods that have the token', async () => {
      const { code, out, err } = await grantor('tree', ...here);
      expect([code, err]).toEqual([0, '']);
      for (const { metadata } of await on.pods(tenant))
        expect(out).toMatch(new RegExp(`pod/${metadata.name} +ready +Running +mounts it`));
      expect(out).toMatch(/secret\/kept-token +ready +SecretWritten +expires in /);
    });

    test('explain says until when the token in a Secret is valid', async () => {
      const { code, out } = await grantor('explain', 'wib/kept', ...here);
      expect(code).toBe(0);
      expect(out).toContain('secret/kept-token: it is valid. Issued at');
    });

    test('doctor has looked at everything, and finds nothing wrong', async () => {
      const { code, out, err } = await grantor('doctor', '--output', 'json');
      expect([code, err]).toEqual([0, '']);
      const { findings } = JSON.parse(out) as {
        findings: { verdict: string; area: string; message: string }[];
      };
      expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
      expect(new Set(findings.map(({ area }) => area))).toEqual(
        new Set(['install', 'rights', 'clocks', 'issuers', 'federation', 'csi']),
      );
      const nodes = `the kubelets of all ${on.nodes.length} nodes know csi.grantor.dev`;
      expect(findings).toContainEqual(expect.objectContaining({ area: 'csi', message: nodes }));
      const kinds = expect.stringMatching(
        /^the definitions of the kinds are of release \S+, as the controller$/,
      );
      expect(findings).toContainEqual(expect.objectContaining({ area: 'install', message: kinds }));
    });

    test('support-bundle has what pods log and measure, what nodes know, and no secret', async () => {
      const file = join(on.dir, 'bundle.tar.gz');
      const { code, err } = await grantor('support-bundle', '-A', '--file', file);
      expect([code, err]).toEqual([0, '']);
      const content = unpack(file);
      const pods = await podNames();
      expect(pods.length).toBeGreaterThanOrEqual(2 * on.nodes.length);
      for (const pod of pods) {
        const component = pod.startsWith('grantor-node-') ? 'node' : 'controller';
        expect(content[`logs/${pod}/${component}.log`]).toMatch(/^\S+Z \{"level":/);
        expect(content[`metrics/${pod}.prom`]).toMatch(/^# HELP grantor_/m);
      }
      expect(content['objects/csinodes.storage.k8s.io.json']).toContain('"name": "csi.grantor.dev"');
      expect(content['omitted.txt']).toBe('');
      const all = Object.values(content).join('\n');
      // Searched for all that is secret in this run.
      writeFileSync(join(on.dir, 'bundle.log'), all);
      const [pod] = await on.pods(tenant);
      const known = [...(await secrets()), await on.file(tenant, pod!)];
      expect(known.length).toBeGreaterThan(5);
      for (const secret of known) expect(all).not.toContain(secret);
    });

    test('rotate and revoke end once the issuer has done it', async () => {
      const rotated = await grantor('rotate', 'oac/keyed', ...here, '--timeout', '30s');
      expect(rotated.err).toBe('');
      expect(rotated.out).toMatch(
        /^oauthclient\/keyed: new credential since \S+; the former one stays valid/,
      );
      const [pod] = await on.pods(tenant);
      const before = await on.file(tenant, pod!);
      const revoked = await grantor('revoke', 'wib/api', ...here, '--yes', '--timeout', '30s');
      expect(revoked.err).toBe('');
      expect(revoked.out).toMatch(/^oauthclient\/api: all tokens from before \S+ are revoked/);
      await expect.poll(() => on.file(tenant, pod!), { timeout: 20_000 }).not.toBe(before);
    });
  });
}
