import * as z from 'zod';
import type { AuditEvent } from '../../src/telemetry/audit.ts';
import { auditData, auditLine } from '../../src/telemetry/audit-schema.ts';

/** As readers are promised it, and nothing beside: a field that the schema does not know is one that nobody was told of. */
const exactLine = z.strictObject({ ...auditLine.shape, data: auditData.strict() });

/** What is wrong with a line of the audit trail; nothing if it keeps to its schema. */
export function faultsOf(line: string): readonly string[] {
  const read = exactLine.safeParse(JSON.parse(line));
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** The lines of the audit trail in what programs printed, also where a container runtime has put its own words before each. */
export const auditLinesIn = (text: string): readonly string[] =>
  text
    .split('\n')
    .flatMap((line) => /\{"specversion":.*\}$/.exec(line)?.[0] ?? [])
    .filter(isWhole);

/** A program that was killed may have left half a line. */
function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** The event as it is, if a line of it would keep to the schema: what tests without a program have in the place of one. */
export function checked(event: AuditEvent): AuditEvent {
  const { act: _, object: __, ...data } = event;
  auditData.strict().parse(data);
  return event;
}
