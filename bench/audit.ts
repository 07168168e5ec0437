import {
  type AuditEvent,
  readAudit,
  selectEtcdWrites,
  selectRequests,
  tallyRequests,
} from '../test/cluster/audit-log.ts';
import { controllerUser } from '../test/stage/stage.ts';
import type { Scene } from './scene.ts';

/** What the controller, or a bare loop in its name, asked of the API server since a moment. */
export interface Asked {
  /** All but lists, watches and the Lease. */
  readonly calls: readonly AuditEvent[];
  /** Those of them that changed something in etcd. */
  readonly writes: readonly AuditEvent[];
  /** Every kind of request and how often it was made. */
  readonly tally: Readonly<Record<string, number>>;
}

/** Begins to count; what is returned says what came since. */
export function countCalls({ controlPlane }: Scene): () => Asked {
  const { offset } = readAudit(controlPlane.auditLog);
  return () => {
    const { events } = readAudit(controlPlane.auditLog, offset);
    const filter = { user: controllerUser };
    const counts = ({ verb, resource }: AuditEvent): boolean =>
      verb !== 'list' && verb !== 'watch' && resource !== 'leases';
    return {
      calls: selectRequests(events, filter).filter(counts),
      writes: selectEtcdWrites(events, filter).filter(counts),
      tally: tallyRequests(events, filter),
    };
  };
}
