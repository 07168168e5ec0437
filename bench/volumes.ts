// `make bench-volumes`: a full node of volumes, and what the plug-in takes for it. See docs/performance.md.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { oauthIssuerKind } from '../src/api/oauth-issuer.ts';
import type { KubeObject } from '../src/kube/objects.ts';
import { TestKubelet } from '../test/kubelet/test-kubelet.ts';
import { asOnNode, buildAsShipped } from './as-shipped.ts';
import {
  asCount,
  asRatio,
  atMost,
  type Figure,
  inHundredths,
  inMiB,
  inMilliseconds,
  median,
  told,
} from './figure.ts';
import { cpuSeconds, residentBytes } from './process-figures.ts';
import { openScene, type Scene } from './scene.ts';
import { drawTable } from './table.ts';
import { type NodeProcess, openNode } from './volumes/node-process.ts';
import { askedVolumes, grantAll, volumes } from './volumes/pods.ts';

const { strict, profile } = parseArgs({
  options: { strict: { type: 'boolean', default: false }, profile: { type: 'string', default: '' } },
}).values;
const dir = join('/tmp', `grantor-bench-${process.pid}`);
const started = Date.now();
const report = (line: string): void =>
  console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s] ${line}`);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const program = buildAsShipped();
await using takeDown = new AsyncDisposableStack();
takeDown.defer(() => rmSync(dir, { recursive: true, force: true }));
mkdirSync(dir, { recursive: true });
const shipped = asOnNode(program);
const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
const onNode = { ...shipped, nodeArgs: [...shipped.nodeArgs, ...profiling] };
const scene = takeDown.adopt(await openScene({ program, dir, profile: '', report, minutes: 0 }), (it) =>
  it.close(),
);
const node = takeDown.adopt(await openNode(scene, onNode), (it) => it.close());
const kubelet = takeDown.adopt(new TestKubelet(node.kubelet), (it) => it.close());
report('granting');
await grantAll(scene);
const asked = await askedVolumes(scene, node.kubelet);
for (const { targetPath } of asked) mkdirSync(dirname(targetPath), { recursive: true });

const figures: Figure[] = [];
let plugIn = await node.start(() => kubelet.register());
report(`the plug-in was ready after ${plugIn.startedIn.toFixed(0)} ms`);
await pause(3000);
figures.push(told('RSS before the first volume', residentBytes(plugIn.pid, 'VmRSS'), inMiB));
figures.push(...(await publishAll(plugIn)));
figures.push(...(await republishAll(plugIn)));
// Until it rests: what was garbage is gone then.
await pause(15_000);
figures.push(
  atMost(`RSS at rest, with ${volumes} volumes`, residentBytes(plugIn.pid, 'VmRSS'), 80 * 2 ** 20, inMiB),
);
figures.push(told('highest RSS', residentBytes(plugIn.pid, 'VmHWM'), inMiB));
figures.push(...(await restart()));
figures.push(...(await unpublishAll()));
await plugIn.end();

console.log(`
${drawTable(figures.map((figure) => ({ id: 'volumes', ...figure })))}

measured: the bundle, ${['node', ...onNode.nodeArgs].join(' ')} (${process.version}); machine: ${cpus().length} cores (${cpus()[0]?.model}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB
limits of the issuer for a node: ${await limits(scene)}; it answers after 5 ms
load of the machine in the last 15 minutes: ${(loadavg()[2] ?? 0).toFixed(1)}`);
if (strict && figures.some(({ good }) => !good)) process.exitCode = 1;

/** The time that each call took, in milliseconds; a call that fails ends the bench. */
async function timed(
  calls: readonly (() => ReturnType<TestKubelet['publish']>)[],
  atOnce: boolean,
): Promise<number[]> {
  const times: number[] = [];
  const one = async (call: (typeof calls)[number]): Promise<void> => {
    const before = performance.now();
    const { code, message } = await call();
    if (code !== 'OK') throw new Error(`${code}: ${message}`);
    times.push(performance.now() - before);
  };
  if (atOnce) await Promise.all(calls.map(one));
  else for (const call of calls) await one(call);
  return times.sort((a, b) => a - b);
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;
}

/** All pods start at once, as after a drain of the next node. */
async function publishAll(started: NodeProcess): Promise<Figure[]> {
  const before = cpuSeconds(started.pid);
  const times = await timed(
    asked.map((volume) => () => kubelet.publish(volume)),
    true,
  );
  const tokens = new Set(
    asked.map(({ targetPath }) => readFileSync(started.seen(`${targetPath}/token`), 'utf8')),
  );
  if (tokens.size !== volumes) throw new Error(`${tokens.size} tokens for ${volumes} pods`);
  report(`${volumes} volumes are there`);
  return [
    atMost(`publish, ${volumes} at once, p99`, at(times, 0.99), 1000, inMilliseconds),
    told('publish, median', median(times), inMilliseconds),
    told('own CPU each', ((cpuSeconds(started.pid) - before) * 1000) / volumes, inHundredths),
    atMost(
      'token requests each',
      ((await started.requests()).get('requestToken') ?? 0) / volumes,
      1,
      asRatio,
    ),
  ];
}

/** The kubelet comes again with what it brought before: nothing is due. */
async function republishAll(started: NodeProcess): Promise<Figure[]> {
  const rounds = 20;
  const before = await started.requests();
  // What a call costs that does nothing at all.
  const bare = await timed(
    asked.map(() => () => kubelet.ask('Identity/Probe')),
    false,
  );
  const cpuBefore = cpuSeconds(started.pid);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++)
    times.push(
      ...(await timed(
        asked.map((volume) => () => kubelet.publish(volume)),
        false,
      )),
    );
  const cpu = ((cpuSeconds(started.pid) - cpuBefore) * 1000) / times.length;
  times.sort((a, b) => a - b);
  const after = [...(await started.requests())].map(
    ([operation, count]) => count - (before.get(operation) ?? 0),
  );
  return [
    atMost('republish without need, median', median(times), 1, inHundredths, median(bare)),
    told('republish, p99', at(times, 0.99), inHundredths, at(bare, 0.99)),
    told('republish, own CPU each', cpu, inHundredths),
    atMost(
      'requests to issuers meanwhile',
      after.reduce((sum, count) => sum + count, 0),
      0,
      asCount,
    ),
  ];
}

/** The plug-in is killed, and another one takes up what it left. */
async function restart(): Promise<Figure[]> {
  await plugIn.end('SIGKILL');
  kubelet.close();
  plugIn = await node.start(() => kubelet.register());
  await pause(15_000);
  const requests = [...(await plugIn.requests()).values()].reduce((sum, count) => sum + count, 0);
  return [
    told('restart, until it is ready', plugIn.startedIn, inMilliseconds),
    atMost('requests to issuers after a restart', requests, 0, asCount),
    atMost('RSS at rest, after a restart', residentBytes(plugIn.pid, 'VmRSS'), 80 * 2 ** 20, inMiB),
  ];
}

async function unpublishAll(): Promise<Figure[]> {
  const times = await timed(
    asked.map((volume) => () => kubelet.unpublish(volume)),
    true,
  );
  return [told(`unpublish, ${volumes} at once, p99`, at(times, 0.99), inMilliseconds)];
}

type Issuer = KubeObject & {
  readonly spec: { readonly limits: { readonly perNode: Readonly<Record<string, number>> } };
};

async function limits({ kube }: Scene): Promise<string> {
  const issuer = await kube.get<Issuer>(oauthIssuerKind, { name: 'stub' });
  if (!issuer.ok) throw new Error(issuer.error.message);
  const { requestsPerSecond, burst, concurrency } = issuer.value.spec.limits.perNode;
  return `${requestsPerSecond}/s, burst ${burst}, ${concurrency} at a time`;
}
