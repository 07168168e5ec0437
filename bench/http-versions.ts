// `node bench/http-versions.ts --minutes 2.5`: HTTP/1.1 or HTTP/2 to the API server? Each variant in turn does the same work against a
// real control plane while its connections fall silent or are cut, in turn, each 40 s. docs/adr/0005-http-1-1.md has its figures.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { openApi } from '../test/cluster/api.ts';
import { startControlPlane } from '../test/cluster/control-plane.ts';
import { startTcpRelay } from '../test/fakes/tcp-relay.ts';
import { variants } from './http-versions/variants.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '2.5' } } });
const seconds = Number(values.minutes) * 60;
const faultEach = 40_000;
const tickEach = 500;

const dir = mkdtempSync(join(tmpdir(), 'grantor-http-versions-'));
const cluster = await startControlPlane({ dir, report: console.log });
const api = openApi(cluster.adminKubeconfig);
const configMap = (name: string, at: number) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { at: String(at) },
});
const path = '/api/v1/namespaces/default/configmaps';

try {
  for (const name of ['tick', ...Array.from({ length: 32 }, (_, i) => `load-${i}`)]) {
    await api.send('POST', path, configMap(name, 0));
  }
  const rows = [];
  for (const [index, { name }] of variants.entries()) rows.push({ variant: name, ...(await measure(index)) });
  console.table(rows);
} finally {
  await api.close();
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
}

/** Runs one variant, and spoils its connections meanwhile. */
async function measure(variant: number): Promise<object> {
  const relay = await startTcpRelay(Number(new URL(cluster.server).port));
  const load = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'http-versions/load.ts'),
      cluster.adminKubeconfig,
      String(relay.port),
      String(variant),
      String(seconds),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let faults = 0;
  let most = 0;
  const tick = setInterval(() => {
    most = Math.max(most, relay.open);
    api.send('PUT', `${path}/tick`, configMap('tick', performance.now())).catch(console.error);
  }, tickEach);
  const spoil = setInterval(() => {
    if (faults++ % 2 === 0) relay.swallow();
    else relay.cut();
  }, faultEach);
  const output = await text(load.stdout);
  clearInterval(tick);
  clearInterval(spoil);
  const { accepted } = relay;
  await relay.close();
  const { causes, ...figures } = JSON.parse(output) as { causes: object } & Record<string, number>;
  console.log(variants[variant]?.name, causes);
  return {
    ...Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, Math.round(value * 10) / 10])),
    faults,
    connections: accepted,
    most,
  };
}
