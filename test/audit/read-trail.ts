import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLine } from '../../src/telemetry/audit-schema.ts';
import { auditLinesIn, faultsOf } from './audit-lines.ts';
import { logFaultsOf, logLinesIn } from './log-lines.ts';

export interface Trail {
  readonly lines: number;
  /** Of which there was at least one. */
  readonly types: readonly string[];
  /** `stages/x/controller-1.log: data.reason: Too big`. */
  readonly faults: readonly string[];
}

/** Reads every line of the audit trail that the programs of a run wrote, and holds it against the schema. */
export function readTrail(run: string): Trail {
  const types = new Set<string>();
  const faults: string[] = [];
  let count = 0;
  for (const file of logsOf(run)) {
    for (const line of auditLinesIn(readFileSync(join(run, file), 'utf8'))) {
      count++;
      types.add((JSON.parse(line) as AuditLine).type);
      faults.push(...faultsOf(line).map((fault) => `${file}: ${fault}`));
    }
  }
  return { lines: count, types: [...types].sort(), faults: [...new Set(faults)] };
}

/** Reads every line that the controllers and plug-ins of a run logged, and holds it against the contract. The issuer has words of its own. */
export function readLogs(run: string): Pick<Trail, 'lines' | 'faults'> {
  const files = logsOf(run).filter((file) => !/issuer[^/]*\.log$|\/nodes\//.test(file));
  const all = files.flatMap((file) =>
    logLinesIn(readFileSync(join(run, file), 'utf8')).map((line) => ({ file, faults: logFaultsOf(line) })),
  );
  const faults = all.flatMap((one) => one.faults.map((fault) => `${one.file}: ${fault}`));
  return { lines: all.length, faults: [...new Set(faults)] };
}

/** Of programs and containers; not those of API servers, nor what the tests print. */
const logsOf = (run: string): string[] =>
  readdirSync(run, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.log'))
    .filter(({ name }) => name !== 'audit.log' && !name.startsWith('vitest-'))
    .map(({ parentPath, name }) => join(parentPath, name).slice(run.length + 1));
