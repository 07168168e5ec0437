import { countCalls } from './audit.ts';
import { followBare } from './bare-loop.ts';
import { startController } from './controller-process.ts';
import { asCount, atMost, type Figure, inMiB, inPercent, told } from './figure.ts';
import { fill, tenThousand } from './many.ts';
import { cpuSeconds, residentBytes } from './process-figures.ts';
import type { Scene } from './scene.ts';

const span = 60;

/** The same 10,000 bindings, and nothing is due. */
export async function idle(scene: Scene): Promise<Figure[]> {
  await fill(scene, tenThousand);
  const controller = await startController(scene);
  await controller.settled(tenThousand);
  scene.report(`watching it do nothing for ${span} s`);
  await pause(10);
  const asked = countCalls(scene);
  const before = cpuSeconds(controller.program.pid);
  await pause(span);
  const cpu = (cpuSeconds(controller.program.pid) - before) / span;
  const { calls, writes } = asked();
  const resident = residentBytes(controller.program.pid, 'VmRSS');
  await controller.program.end();
  scene.report('and a bare loop with the same watches');
  const bare = await followBare(scene, '--watch', String(span));
  return [
    atMost('writes', writes.length, 0, asCount),
    atMost('calls but watches and the Lease', calls.length, 0, asCount),
    atMost('of a core', cpu, 0.005, inPercent, bare.watching / span),
    told('RSS', resident, inMiB),
  ];
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
