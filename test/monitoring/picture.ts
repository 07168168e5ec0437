// Draws the dashboard over real data: the quickstart on a real control plane, whose issuer is away for a while, and a real Prometheus. For
// whoever changes the dashboard: `PROMETHEUS=<program> CHROMIUM=<program> node test/monitoring/picture.ts` writes docs/pictures/dashboard.png.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acquireCluster } from '../cluster/target.ts';
import { answering } from '../stage/issuer-proxy.ts';
import { type Manifest, readManifests } from '../stage/manifests.ts';
import { root, setStage } from '../stage/stage.ts';
import { type Drawn, drawDashboard, type Line } from './draw-dashboard.ts';

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: Drawn['place'];
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit: string; readonly custom?: { readonly stacking?: object } };
  };
}

const { PROMETHEUS: prometheus = 'prometheus', CHROMIUM: chromium = 'chromium' } = process.env;
const minutes = Number(process.env['MINUTES'] ?? 8);
const dir = join(root, '.run', `picture-${process.pid}`);
const report = (line: string): void => console.log(line);
const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));
/** A port that nothing listens on at the moment. */
const port = 20_000 + (process.pid % 20_000);
const api = `http://127.0.0.1:${port}/api/v1`;

mkdirSync(dir, { recursive: true });
const cluster = await acquireCluster({ dir: join(dir, 'cluster'), report });
const stage = await setStage({ cluster, dir: join(dir, 'stage'), report, proxied: true });
const controllers = [await stage.startController(), await stage.startController()];
const monitor = startPrometheus(controllers.map(({ probes }) => new URL(probes).host));
try {
  await stage.apply(readManifests(join(root, 'examples/quickstart')).map(shortLived));
  const begin = Date.now() / 1000;
  await pause(minutes * 30);
  stage.proxy?.fault({ path: /^\/token$/ }, answering(503));
  await pause(40);
  stage.proxy?.mend();
  await pause(minutes * 30 - 40);
  await draw(begin, Date.now() / 1000);
} finally {
  monitor.kill();
  await stage.close();
  await cluster.release();
  rmSync(dir, { recursive: true, force: true });
}

function startPrometheus(targets: readonly string[]) {
  const config = join(dir, 'prometheus.json');
  const scrape = { job_name: 'grantor', static_configs: [{ targets }] };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ global: { scrape_interval: '5s' }, scrape_configs: [scrape] }));
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${join(dir, 'tsdb')}`];
  return spawn(prometheus, [...flags, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
}

/** Tokens live for 20 s, so that minutes show what takes hours otherwise. */
function shortLived(manifest: Manifest): Manifest {
  return manifest.kind === 'OAuthClient'
    ? { ...manifest, spec: { ...manifest.spec, accessTokenLifetime: '20s' } }
    : manifest;
}

async function draw(from: number, to: number): Promise<void> {
  const { panels } = JSON.parse(readFileSync(join(root, 'charts/grantor/files/dashboard.json'), 'utf8')) as {
    readonly panels: readonly Panel[];
  };
  const drawn: Drawn[] = [];
  for (const { type, title, gridPos: place, targets = [], fieldConfig } of panels) {
    const lines = (await Promise.all(targets.map((target) => ask(target, from, to)))).flat();
    const { unit = 'short', custom } = fieldConfig?.defaults ?? {};
    if (type !== 'row') report(`${title}: ${lines.length} lines`);
    drawn.push({ type, title, place, unit, isStacked: custom?.stacking !== undefined, lines });
  }
  const page = join(dir, 'dashboard.html');
  writeFileSync(page, drawDashboard(drawn, from, to));
  const height = Math.max(...drawn.map(({ place }) => (place.y + place.h) * 34)) + 10;
  const picture = join(root, 'docs/pictures/dashboard.png');
  const quietly = [
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  execFileSync(chromium, [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--hide-scrollbars', ...quietly],
    ...[`--user-data-dir=${join(dir, 'chromium')}`, `--window-size=1400,${height}`],
    ...[`--screenshot=${picture}`, `file://${page}`],
  ]);
}

async function ask(
  { expr, legendFormat }: { readonly expr: string; readonly legendFormat: string },
  from: number,
  to: number,
): Promise<readonly Line[]> {
  const query = expr.replaceAll('$__rate_interval', '30s').replaceAll(/\$(issuer|tenant)/g, '.*');
  const parameters = new URLSearchParams({ query, start: String(from), end: String(to), step: '5' });
  const answer = (await (await fetch(`${api}/query_range?${parameters.toString()}`)).json()) as {
    readonly status: string;
    readonly error?: string;
    readonly data: {
      readonly result: readonly {
        readonly metric: Readonly<Record<string, string>>;
        readonly values: readonly (readonly [number, string])[];
      }[];
    };
  };
  if (answer.status !== 'success') throw new Error(`${query}: ${answer.error}`);
  return answer.data.result.map(({ metric, values }) => ({
    name: legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''),
    points: values
      .map(([at, value]) => [at, Number(value)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  }));
}
