import { readdirSync } from 'node:fs';
import { residentBytes } from '../process-figures.ts';

/** What a process takes of the machine. */
export interface Vitals {
  readonly pid: number;
  readonly at: number;
  /** Resident memory, in MB (10^6 bytes). */
  readonly megabytes: number;
  readonly descriptors: number;
}

/** Undefined for a process that has just ended. */
export function vitalsOf(pid: number): Vitals | undefined {
  try {
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    return { pid, at: Date.now(), megabytes: residentBytes(pid, 'VmRSS') / 1e6, descriptors };
  } catch {
    return undefined;
  }
}
