import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the run, set by test/run.ts. Without it nothing is recorded. */
const run = process.env['GRANTOR_TEST_RUN'];
const seen = new Set<string>();

/** Shorter ones are words, not secrets. */
const shortest = 16;
/** The members of a JWK that are private (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1). */
const privateMembers = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']);

/** Notes a secret for the search after the run: a text, or the private members of JWKs, however they are nested. */
export function remember(value: unknown): void {
  if (run === undefined) return;
  for (const secret of secretsIn(value)) {
    if (secret.length < shortest || seen.has(secret)) continue;
    seen.add(secret);
    mkdirSync(secretsFolder(run), { recursive: true, mode: 0o700 });
    appendFileSync(recordOf(run, process.pid), `${JSON.stringify(secret)}\n`, { mode: 0o600 });
  }
}

/** What one process noted. */
export const recordOf = (run: string, pid: number): string => join(secretsFolder(run), `${pid}.jsonl`);

export const secretsFolder = (run: string): string => join(run, 'secrets');

export function secretsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(secretsIn);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    return [];
  return Object.entries(value).flatMap(([name, member]) =>
    typeof member === 'string' ? (privateMembers.has(name) ? [member] : []) : secretsIn(member),
  );
}
