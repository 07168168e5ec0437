import { DatabaseSync } from 'node:sqlite';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';

/**
 * Runs `work` while no other process of this machine runs work under the same `lockFile`; says once that it waits. The lock is SQLite's:
 * the kernel gives it back however its holder dies, so there is no stale lock to reason about.
 */
export async function exclusively<T>(
  lockFile: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const lock = new DatabaseSync(lockFile);
  try {
    for (let waited = false; !tryLock(lock); waited = true) {
      if (!waited) onWait();
      await sleep(systemClock, seconds(0.25));
    }
    return await work();
  } finally {
    lock.close();
  }
}

function tryLock(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return false;
    throw error;
  }
}

/** SQLITE_BUSY of https://www.sqlite.org/rescode.html. */
const sqliteBusy = 5;
