import { type Asked, countCalls } from './audit.ts';
import { followBare } from './bare-loop.ts';
import { startController } from './controller-process.ts';
import { asCount, atMost, type Figure, inMiB, inMilliseconds, inSeconds, median } from './figure.ts';
import { fill, tenThousand } from './many.ts';
import { residentBytes } from './process-figures.ts';
import type { Scene } from './scene.ts';

const rounds = 3;

interface Start {
  readonly took: number;
  readonly peak: number;
  readonly longestStall: number;
  readonly asked: Asked;
}

/** A controller starts where 10,000 healthy bindings are: until it has looked at each of them once. */
export async function coldStart(scene: Scene): Promise<Figure[]> {
  await fill(scene, tenThousand);
  const starts: Start[] = [];
  const bare: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    bare.push((await followBare(scene)).took);
    starts.push(await start(scene));
    scene.report(`round ${round} of ${rounds}: ${inSeconds(starts.at(-1)?.took ?? 0)}`);
  }
  const each = (figure: (start: Start) => number): number => median(starts.map(figure));
  const most = (figure: (start: Start) => number): number => Math.max(...starts.map(figure));
  const isTokenRequest = ({ subresource }: { readonly subresource: string }): boolean =>
    subresource === 'token';
  return [
    atMost(
      'until all is looked at',
      each(({ took }) => took),
      5,
      inSeconds,
      median(bare),
    ),
    atMost(
      'highest RSS',
      each(({ peak }) => peak),
      150 * 2 ** 20,
      inMiB,
    ),
    atMost(
      'longest stall',
      each(({ longestStall }) => longestStall),
      50,
      inMilliseconds,
    ),
    atMost(
      'writes',
      most(({ asked }) => asked.writes.length),
      0,
      asCount,
    ),
    atMost(
      'token requests',
      most(({ asked }) => asked.calls.filter(isTokenRequest).length),
      0,
      asCount,
    ),
  ];
}

async function start(scene: Scene): Promise<Start> {
  const asked = countCalls(scene);
  const controller = await startController(scene, { readable: true });
  await controller.settled(tenThousand);
  const took = (Date.now() - controller.startedAt) / 1000;
  const peak = residentBytes(controller.program.pid, 'VmHWM');
  const { longestStall } = await controller.read();
  // The counts of the tenants are told at leisure: what would be written would be written by then.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await controller.program.end();
  return { took, peak, longestStall, asked: asked() };
}
