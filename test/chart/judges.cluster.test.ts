import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, openApi } from '../cluster/api.ts';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import { goToolIfAny } from '../provision/go-tool.ts';
import { type Manifest, parseManifests } from '../stage/manifests.ts';
import { helm } from '../tools/helm/helm.ts';
import { kubeScore } from '../tools/kube-score/kube-score.ts';
import { kubeconform } from '../tools/kubeconform/kubeconform.ts';
import { monitoringKinds } from '../tools/monitoring-kinds/monitoring-kinds.ts';
import { schemaLocation, writeDefinedSchemas, writeServedSchemas } from './json-schemas.ts';
import { chart, renderChart } from './render-chart.ts';
import { valueSets } from './value-sets.ts';

const programs = {
  helm: await goToolIfAny(helm),
  kubeconform: await goToolIfAny(kubeconform),
  kubeScore: await goToolIfAny(kubeScore),
};
const monitoring = monitoringKinds();

describe.skipIf(Object.values(programs).includes(undefined))('the chart', () => {
  let api: Api;
  const schemas = mkdtempSync(join(tmpdir(), 'grantor-schemas-'));
  const rendered = Object.entries(valueSets).map(([name, values]) => ({
    name,
    values,
    text: renderChart(programs.helm!, { values }),
  }));
  const manifestsOf = ({ text }: { text: string }): Manifest[] => parseManifests(text);
  beforeAll(async () => {
    api = openApi(testKubeconfig());
    const kinds = rendered
      .flatMap(manifestsOf)
      .filter(({ apiVersion }) => !apiVersion.startsWith('monitoring.'));
    const distinct = new Map(kinds.map((each) => [`${each.apiVersion} ${each.kind}`, each]));
    await writeServedSchemas(api, [...distinct.values()], schemas);
    if (monitoring !== undefined) writeDefinedSchemas(monitoring, schemas);
  });
  afterAll(async () => {
    await api.close();
    rmSync(schemas, { recursive: true });
  });

  const conforms = (text: string) =>
    spawnSync(programs.kubeconform!, ['-strict', '-summary', `-schema-location=${schemaLocation(schemas)}`], {
      input: text,
      encoding: 'utf8',
    });

  test.each(rendered)('passes helm lint --strict, with the values of: $name', ({ values }) => {
    const { status, stdout } = spawnSync(programs.helm!, ['lint', '--strict', chart, '--values=-'], {
      input: JSON.stringify(values),
      encoding: 'utf8',
    });
    expect([status, stdout.match(/^\[(?!INFO).*/gm)]).toEqual([0, null]);
  });

  test.each(rendered)('passes kubeconform, with the values of: $name', ({ text }) => {
    const { stdout } = conforms(text);
    expect(stdout).toContain('Invalid: 0, Errors: 0, Skipped: 0');
  });

  test('kubeconform notices a field that is not there, and one of another type', () => {
    const [{ text } = { text: '' }] = rendered;
    expect(conforms(text.replace('revisionHistoryLimit', 'revisionHistoryLimits')).stdout).toContain(
      "additional properties 'revisionHistoryLimits' not allowed",
    );
    expect(conforms(text.replace('replicas: 2', 'replicas: two')).stdout).toContain('got string, want');
  });

  test.each(rendered)(
    'passes kube-score but for what it gives a reason for, with the values of: $name',
    (set) => {
      const { stdout } = spawnSync(
        programs.kubeScore!,
        ['score', '--output-format=ci', '--kubernetes-version=v1.34', '-'],
        {
          input: set.text,
          encoding: 'utf8',
          maxBuffer: 16 * 1024 * 1024,
        },
      );
      expect(stdout.length).toBeGreaterThan(1000);
      expect(stdout.match(/^\[(WARNING|CRITICAL)\].*/gm) ?? []).toEqual([]);
    },
  );

  describe('in a namespace with the restricted Pod Security Standard', () => {
    const namespace = 'restricted-pods';
    const pods = manifestsOf(rendered.find(({ name }) => name === 'the embedded issuer')!).flatMap(
      (manifest) => {
        const { template } = (manifest.spec ?? {}) as { template?: { spec: { serviceAccountName: string } } };
        return template === undefined ? [] : [{ name: manifest.metadata.name, spec: template.spec }];
      },
    );
    beforeAll(async () => {
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      await api.send('POST', '/api/v1/namespaces', { metadata: { name: namespace, labels } });
      for (const { spec } of pods)
        await api.send('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
          metadata: { name: spec.serviceAccountName },
        });
    });
    afterAll(() => api.send('DELETE', `/api/v1/namespaces/${namespace}`));

    const start = ({ name, spec }: { name: string; spec: object }) =>
      api.send('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All&fieldValidation=Strict`, {
        metadata: { name },
        spec: withClaims(spec),
      });
    test.each(['grantor-controller', 'grantor-issuer'])('the API server takes a pod of %s', async (name) => {
      const { status, body } = await start(pods.find((pod) => pod.name === name)!);
      expect([status, body.message]).toEqual([201, undefined]);
    });

    test('it refuses one of the plug-in of a node, which mounts for others', async () => {
      const { status, body } = await start(pods.find((pod) => pod.name === 'grantor-node')!);
      expect([status, body.message]).toEqual([403, expect.stringContaining('violates PodSecurity')]);
    });
  });
});

/** With the volumes that a StatefulSet would add. */
function withClaims(spec: object): object {
  const { volumes = [] } = spec as { volumes?: readonly object[] };
  return { ...spec, volumes: [...volumes, { name: 'state', emptyDir: {} }] };
}
