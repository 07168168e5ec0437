import { memoryFiles } from '../../src/delivery/memory-files.ts';
import { systemMounts } from '../../src/node/mounts.ts';

/** What a plug-in does to the machine, until it dies before its step number `steps` (from 0): that one and all later ones never happen. */
export function mortal(steps: number) {
  let taken = 0;
  const dying = <T extends object>(real: T): T =>
    new Proxy(real, {
      get: (target, name) => {
        const call = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => (taken++ < steps ? call(...args) : new Promise(() => {}));
      },
    });
  return {
    fs: dying(memoryFiles),
    mounts: dying(systemMounts),
    get dead() {
      return taken > steps;
    },
  };
}
