import { readdirSync, readFileSync } from 'node:fs';

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
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, kibibytes = ''] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    return { pid, at: Date.now(), megabytes: (Number(kibibytes) * 1024) / 1e6, descriptors };
  } catch {
    return undefined;
  }
}
