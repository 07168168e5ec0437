import type { Log } from './log.ts';

/** Who got or lost what, when and why: one line for each act at an issuer. */
export interface AuditEvent {
  readonly act:
    | 'issue'
    | 'refuse'
    | 'register'
    | 'update'
    | 'deregister'
    | 'revoke'
    | 'release'
    | 'withdraw'
    | 'rotate';
  readonly outcome: 'success' | 'failure';
  /** The object that it was done for: `WorkloadIdentityBinding acme-prod/billing-api`. */
  readonly object: string;
  readonly correlationID: string;
  readonly tenantID?: string;
  readonly issuer?: string;
  readonly clientID?: string;
  readonly serviceAccount?: string;
  /** The pod whose volume it was done for, `namespace/name`, and its UID. */
  readonly pod?: string;
  readonly podUID?: string;
  /** The node that the pod is on. */
  readonly node?: string;
  readonly scopes?: readonly string[];
  readonly audience?: string;
  /** `jti` of the token (RFC 7519 section 4.1.7): finds it at the issuer and at resource servers. */
  readonly tokenID?: string;
  readonly expiresAt?: string;
  /** How far a rotation has come with this. */
  readonly step?: string;
  readonly reason?: string;
}

export type Audit = (event: AuditEvent) => void;

/** Audit lines are log lines with `audit: true`. Give it a log of level `info`, so that a quieter log does not lose them. */
export function createAudit(log: Log): Audit {
  return (event) => log.info({ audit: true, ...event }, `${event.act} ${event.outcome}`);
}
