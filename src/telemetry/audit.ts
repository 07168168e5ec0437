import { type DestinationStream, destination } from 'pino';
import type { Clock } from '../std/clock.ts';
import type { Rng } from '../std/rng.ts';
import {
  type AuditAct,
  type AuditData,
  type AuditLine,
  auditDataSchema,
  auditTypeOf,
} from './audit-schema.ts';

/** Who got or lost what, when and why. */
export interface AuditEvent extends AuditData {
  readonly act: AuditAct;
  /** The object that it was done for: `WorkloadIdentityBinding acme-prod/billing-api`. */
  readonly object: string;
}

export type Audit = (event: AuditEvent) => void;

export interface AuditOptions {
  /** Which program writes it: `/clusters/<cluster id>/controller`, `/clusters/<cluster id>/nodes/<node>` or `/nodes/<node>`. */
  readonly source: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Standard output unless a test wants to read it: the log is on standard error, so nothing but the audit trail is there. */
  readonly stream?: DestinationStream;
}

/** Writes each event as a line of JSON, a CloudEvent, before the call returns. docs/reference/audit.md is its contract. */
export function createAudit({
  source,
  clock,
  rng,
  stream = destination({ dest: 1, sync: true }),
}: AuditOptions): Audit {
  return ({ act, object, ...data }) => {
    const line: AuditLine = {
      specversion: '1.0',
      id: rng.uuid(),
      source,
      type: auditTypeOf(act),
      subject: object,
      time: new Date(clock.now()).toISOString(),
      datacontenttype: 'application/json',
      dataschema: auditDataSchema,
      data: { ...data, ...(data.detail === undefined ? {} : { detail: data.detail.slice(0, 1024) }) },
    };
    stream.write(`${JSON.stringify(line)}\n`);
  };
}
