import { randomBytes } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** The path of a socket that several processes want, one after the other or, while one is replaced, for a moment together. */
export interface SocketPlace {
  /** Where to listen first. Kubelets overlook names that begin with a dot. */
  readonly listenOn: string;
  /** Puts what listens there in the place of what may be there; nobody finds nothing meanwhile. */
  take(): Promise<void>;
  /** Takes it away, unless a successor has the place. */
  leave(): Promise<void>;
}

/**
 * A socket is bound under a name of its own and renamed: whoever listens removes the name that it was bound by when it ends, and that must not be
 * the place that a successor has taken.
 */
export function placeFor(path: string): SocketPlace {
  const listenOn = `${dirname(path)}/.${basename(path)}.${randomBytes(4).toString('hex')}`;
  let mine: bigint | undefined;
  return {
    listenOn,
    async take() {
      mine = (await stat(listenOn, { bigint: true })).ino;
      await rename(listenOn, path);
    },
    async leave() {
      const there = await stat(path, { bigint: true }).catch(() => undefined);
      if (there?.ino === mine) await rm(path, { force: true });
    },
  };
}
