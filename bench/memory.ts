import { followBare } from './bare-loop.ts';
import { startController } from './controller-process.ts';
import { atMost, type Figure, inKiB } from './figure.ts';
import { fill, tenThousand } from './many.ts';
import type { Scene } from './scene.ts';

/** What one binding more costs, with its Secret's metadata: heap at 10,000 and at 20,000 of them. */
export async function memory(scene: Scene): Promise<Figure[]> {
  await fill(scene, tenThousand);
  const small = await heaps(scene, tenThousand);
  await fill(scene, 2 * tenThousand);
  const large = await heaps(scene, 2 * tenThousand);
  const each = (which: keyof typeof small): number => (large[which] - small[which]) / tenThousand;
  return [atMost('each binding', each('ours'), 3 * 1024, inKiB, each('bare'))];
}

/** Bytes of heap that a controller uses, and a program that keeps what it parsed as it is. */
async function heaps(
  scene: Scene,
  bindings: number,
): Promise<{ readonly ours: number; readonly bare: number }> {
  const controller = await startController(scene, { readable: true });
  await controller.settled(bindings);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const { heapUsed } = await controller.read();
  await controller.program.end();
  const bare = await followBare(scene, '--keep');
  return { ours: heapUsed, bare: bare.heapUsed };
}
