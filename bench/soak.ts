// `make soak`: a thousand bindings whose tokens live two minutes, through faults and leaders that are killed. See docs/reliability.md.
import { mkdirSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from '../src/std/clock.ts';
import { milliseconds, minutes, seconds } from '../src/std/duration.ts';
import { startControlPlane } from '../test/cluster/control-plane.ts';
import { root, type Stage, setStage } from '../test/stage/stage.ts';
import { buildAsShipped } from './as-shipped.ts';
import { giveBirth, population, tokenLife } from './soak/births.ts';
import { faultNames } from './soak/faults.ts';
import { figuresOf } from './soak/figures.ts';
import { readFlags } from './soak/flags.ts';
import { type FollowedTokens, followTokens } from './soak/follow-tokens.ts';
import { drawOutcome, missedBars, type Outcome } from './soak/outcome.ts';
import { showProgress } from './soak/progress.ts';
import { seeded } from './soak/random.ts';
import { startReplicas } from './soak/replicas.ts';
import { type FaultWindow, spoil } from './soak/spoil.ts';

/** A token and its renewal, with the default `renewAtPercent`, in milliseconds. */
const cycle = tokenLife * 600;
const birthsTakeAtMost = minutes(3);
const quietAtTheEnd = minutes(1);

const { minutes: duration, seed } = readFlags();
const dir = join(root, '.run', `soak-${process.pid}`);
const started = Date.now();
const report = (line: string): void =>
  console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s] ${line}`);

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interrupted.abort());
}

mkdirSync(dir, { recursive: true });
const controlPlane = await startControlPlane({ dir: join(dir, 'cluster'), report });
try {
  const cluster = {
    kubeconfig: controlPlane.adminKubeconfig,
    controlPlane,
    release: () => controlPlane.stop(),
  };
  const stage = await setStage({
    ...{ cluster, dir: join(dir, 'stage'), report },
    ...{ proxied: true, apiProxied: true },
    ...buildAsShipped(),
  });
  const tokens = followTokens(stage.kube);
  try {
    const outcome = await soak(stage, tokens);
    const missed = missedBars(outcome);
    console.log(`\n${drawOutcome(outcome)}\n`);
    if (missed.length > 0) console.error(`error: missed: ${missed.join('; ')}`);
    console.log(JSON.stringify(outcome));
    process.exitCode = missed.length > 0 || interrupted.signal.aborted ? 1 : 0;
  } finally {
    await tokens.stop();
    await stage.close();
  }
} finally {
  await controlPlane.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function soak(stage: Stage, { lines }: FollowedTokens): Promise<Outcome> {
  const { api, proxy: issuer } = stage;
  if (api === undefined || issuer === undefined) throw new Error('the stage was set without its proxies');
  const replicas = await startReplicas(stage);
  report(`${population} bindings are born; seed ${seed}; ${describeMachine()}`);
  const end = Date.now() + minutes(duration);
  await giveBirth(stage.kube, stage.issuerURL);
  report('all are applied');
  await allHaveTokens(lines);
  const from = Date.now();
  report('all have a token');

  const over = new AbortController();
  const stopped = AbortSignal.any([interrupted.signal, over.signal]);
  const windows: FaultWindow[] = [];
  const progress = showProgress({ replicas, lines, stopped, report });
  await spoil({
    ground: { api, issuer, replicas },
    random: seeded(seed),
    until: end - quietAtTheEnd,
    ...{ stopped, report, windows },
  });
  await sleep(systemClock, milliseconds(end - Date.now()), stopped);
  over.abort();
  report(`the end; ${describeMachine()}`);
  const leaders = await progress;
  return {
    minutes: duration,
    seed,
    bindings: population,
    ...figuresOf({ whole: { from, to: Date.now() }, windows, lines: [...lines.values()], leaders, cycle }),
    faults: Object.fromEntries(
      faultNames.map((name) => [name, windows.filter((window) => window.name === name).length]),
    ),
    brokenControllers: await replicas.tend(),
  };
}

/** How busy it is, with us and with others. */
function describeMachine(): string {
  const [load = 0] = loadavg();
  return `${cpus().length} cores, load ${load.toFixed(1)}`;
}

async function allHaveTokens(lines: FollowedTokens['lines']): Promise<void> {
  const giveUp = Date.now() + birthsTakeAtMost;
  while (lines.size < population) {
    if (Date.now() > giveUp) throw new Error(`only ${lines.size} of ${population} bindings got a token`);
    if (!(await sleep(systemClock, seconds(1), interrupted.signal))) throw new Error('interrupted');
  }
}
