import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runMirror } from '../../examples/controller/mirror.ts';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { systemClock } from '../../src/std/clock.ts';
import { systemRng } from '../../src/std/rng.ts';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { recordingMetrics } from '../fakes/recording-metrics.ts';
import { applyManifests, parseManifests, resourceOf } from '../stage/manifests.ts';

const root = join(import.meta.dirname, '../..');

test('the example of the manual runs', async () => {
  const config = await loadKubeconfig(testKubeconfig(), systemClock);
  const kube = createKubeClient({ config, clock: systemClock, userAgent: 'test', fieldManager: 'test' });
  const suffix = systemRng.uuid().slice(0, 8);
  const [from, to] = [`mirror-from-${suffix}`, `mirror-to-${suffix}`];
  const source = (text: string) =>
    parseManifests(
      `{apiVersion: v1, kind: ConfigMap, metadata: {namespace: ${from}, name: greeting, labels: {mirror-to: ${to}}}, data: {text: ${text}}}`,
    );
  const copy = async (): Promise<unknown> => {
    const found = await kube.get(resourceOf({ apiVersion: 'v1', kind: 'ConfigMap' }), {
      namespace: to,
      name: 'greeting',
    });
    return found.ok ? (found.value as { data?: unknown }).data : found.error.kind;
  };
  const stop = new AbortController();
  for (const name of [from, to])
    await applyManifests(
      kube,
      parseManifests(`{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`),
    );
  await applyManifests(kube, source('hello'));
  const ended = runMirror(config, from, recordingLog(), recordingMetrics(), stop.signal);
  await vi.waitFor(async () => expect(await copy()).toEqual({ text: 'hello' }), { timeout: 10_000 });
  await applyManifests(kube, source('good-bye'));
  await vi.waitFor(async () => expect(await copy()).toEqual({ text: 'good-bye' }), { timeout: 10_000 });
  stop.abort();
  await ended;
  await kube.close();
});

test('the manual shows the example as it is', () => {
  const code = readFileSync(join(root, 'examples/controller/mirror.ts'), 'utf8');
  const manual = readFileSync(join(root, 'docs/runtime.md'), 'utf8');
  expect(manual).toContain(code.slice(code.indexOf('const configMaps')));
});
