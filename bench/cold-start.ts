import { type Asked, countCalls } from './audit.ts';
import { followBare } from './bare-loop.ts';
import { startController } from './controller-process.ts';
import { asCount, atMost, type Figure, inMiB, inMilliseconds, inSeconds, median, told } from './figure.ts';
import { fill, tenThousand } from './many.ts';
import { cpuSeconds, residentBytes } from './process-figures.ts';
import type { Scene } from './scene.ts';

const rounds = 3;

interface Start {
  readonly took: number;
  readonly cpu: number;
  readonly peak: number;
  readonly longestStall: number;
  readonly longestHold: number;
  readonly asked: Asked;
}

/** A controller starts where 10,000 healthy bindings are: until it has looked at each of them once. */
export async function coldStart(scene: Scene): Promise<Figure[]> {
  await fill(scene, tenThousand);
  const starts: Start[] = [];
  const bare: { readonly took: number; readonly cpu: number }[] = [];
  for (let round = 1; round <= rounds; round++) {
    bare.push(await followBare(scene));
    starts.push(await start(scene));
    scene.report(`round ${round} of ${rounds}: ${inSeconds(starts.at(-1)?.took ?? 0)}`);
  }
  const middle = (figure: keyof Omit<Start, 'asked'>): number => median(starts.map((one) => one[figure]));
  const most = (count: (asked: Asked) => number): number =>
    Math.max(...starts.map(({ asked }) => count(asked)));
  const tokenRequests = ({ calls }: Asked): number =>
    calls.filter(({ subresource }) => subresource === 'token').length;
  return [
    atMost('until all is looked at', middle('took'), 5, inSeconds, median(bare.map(({ took }) => took))),
    told('CPU', middle('cpu'), inSeconds, median(bare.map(({ cpu }) => cpu))),
    atMost('highest RSS', middle('peak'), 150 * 2 ** 20, inMiB),
    atMost('longest stall', middle('longestStall'), 50, inMilliseconds),
    told('longest hold, in CPU time', middle('longestHold'), inMilliseconds),
    atMost(
      'writes',
      most(({ writes }) => writes.length),
      0,
      asCount,
    ),
    atMost('token requests', most(tokenRequests), 0, asCount),
  ];
}

async function start(scene: Scene): Promise<Start> {
  const asked = countCalls(scene);
  const controller = await startController(scene, { readable: true });
  await controller.settled(tenThousand);
  const took = (Date.now() - controller.startedAt) / 1000;
  const peak = residentBytes(controller.program.pid, 'VmHWM');
  const cpu = cpuSeconds(controller.program.pid);
  const { longestStall, longestHold } = await controller.read();
  // The counts of the tenants are told at leisure: what would be written would be written by then.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await controller.program.end();
  return { took, cpu, peak, longestStall, longestHold, asked: asked() };
}
