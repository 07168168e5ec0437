// One variant under load, in a process of its own: 32 callers and ten watches. Its last line is what it measured.
import { request } from 'undici';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { systemClock } from '../../src/std/clock.ts';
import { openPools, variants } from './variants.ts';

const [, , kubeconfig = '', port = '', variantAt = '', secondsToRun = ''] = process.argv;
const variant = variants[Number(variantAt)];
if (variant === undefined) throw new Error('no such variant');
const callers = 32;
const watchers = 10;
const callLimit = 2_000;
/** A watch that heard nothing for so long, where something happens each half second, is given up. */
const silenceLimit = 5_000;

const { access } = await loadKubeconfig(kubeconfig, systemClock);
const { calls, watches } = openPools(variant, await access.access());
const origin = `https://127.0.0.1:${port}`;
const configMaps = '/api/v1/namespaces/default/configmaps';
const end = performance.now() + Number(secondsToRun) * 1000;

const took: number[] = [];
const failed = new Map<string, number>();
let stuck = 0;
let crashes = 0;
let lastSuccess = performance.now();
let longestBlackout = 0;
let longestSilence = 0;
let reopened = 0;

process.on('uncaughtException', (error) => {
  crashes += 1;
  console.error(error);
});

const wait = (milliseconds: number): Promise<'late'> =>
  new Promise((resolve) => setTimeout(() => resolve('late'), milliseconds));
const count = (cause: unknown): void => {
  const { code, name } = cause as { code?: unknown; name?: string };
  const key = typeof code === 'string' ? code : (name ?? 'unknown');
  failed.set(key, (failed.get(key) ?? 0) + 1);
};

async function call(isWrite: boolean, caller: number): Promise<void> {
  const response = await request(
    `${origin}${configMaps}/load-${caller}${isWrite ? '?fieldManager=load&force=true' : ''}`,
    {
      dispatcher: calls,
      method: isWrite ? 'PATCH' : 'GET',
      signal: AbortSignal.timeout(callLimit),
      ...(isWrite
        ? {
            headers: { 'content-type': 'application/apply-patch+yaml' },
            body: JSON.stringify({
              apiVersion: 'v1',
              kind: 'ConfigMap',
              metadata: { name: `load-${caller}` },
              data: { at: `${performance.now()}`, filler: 'x'.repeat(2_000) },
            }),
          }
        : {}),
    },
  );
  await response.body.text();
  if (response.statusCode >= 300) throw Object.assign(new Error(), { code: String(response.statusCode) });
}

async function runCaller(caller: number): Promise<void> {
  for (let i = 0; performance.now() < end; i += 1) {
    const began = performance.now();
    try {
      const outcome = await Promise.race([call(i % 4 === 0, caller), wait(callLimit + 3_000)]);
      if (outcome === 'late') {
        stuck += 1;
        continue;
      }
      took.push(performance.now() - began);
      longestBlackout = Math.max(longestBlackout, performance.now() - lastSuccess);
      lastSuccess = performance.now();
    } catch (cause) {
      count(cause);
      await wait(50);
    }
  }
}

async function runWatcher(): Promise<void> {
  let heard = performance.now();
  while (performance.now() < end) {
    const stop = new AbortController();
    let silence = setTimeout(() => stop.abort(), silenceLimit);
    try {
      const { body } = await request(`${origin}${configMaps}?watch=true&fieldSelector=metadata.name%3Dtick`, {
        dispatcher: watches,
        signal: stop.signal,
      });
      for await (const _ of body) {
        longestSilence = Math.max(longestSilence, performance.now() - heard);
        heard = performance.now();
        clearTimeout(silence);
        if (heard >= end) break;
        silence = setTimeout(() => stop.abort(), silenceLimit);
      }
    } catch {
      await wait(50);
    }
    clearTimeout(silence);
    reopened += 1;
  }
}

await Promise.race([
  Promise.all([
    ...Array.from({ length: callers }, (_, caller) => runCaller(caller)),
    ...Array.from({ length: watchers }, runWatcher),
  ]),
  wait(Number(secondsToRun) * 1000 + 10_000),
]);

took.sort((a, b) => a - b);
const quantile = (q: number): number =>
  took[Math.min(took.length - 1, Math.floor(took.length * q))] ?? Number.NaN;
console.log(
  JSON.stringify({
    calls: took.length,
    failed: [...failed.values()].reduce((sum, some) => sum + some, 0),
    causes: Object.fromEntries(failed),
    stuck,
    crashes,
    p50: quantile(0.5),
    p99: quantile(0.99),
    longestBlackout,
    longestSilence,
    reopened: reopened - watchers,
    rss: process.memoryUsage.rss() / 2 ** 20,
    cpu: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
  }),
);
process.exit(0);
