import type { ActionFailure } from '../domain/attempt.ts';
import type { Grant } from '../domain/grant.ts';
import type { RefusedProof } from '../domain/refused-proof.ts';
import type { RotationPolicy } from '../domain/rotation.ts';
import type { CallContext, ClientAuthentication, TokenIssuer } from '../ports/issuer-driver.ts';
import type { Clock } from '../std/clock.ts';
import type { Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import type { Tracer } from '../std/tracer.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { GrantorMetrics } from '../telemetry/grantor-metrics.ts';
import type { AuditSubject } from './audit-of.ts';

/** What obtaining a token needs of the process that does it. */
export interface IssuanceEnvironment {
  readonly clock: Clock;
  readonly audit: Audit;
  readonly metrics: Pick<GrantorMetrics, 'count'>;
  readonly tracer?: Tracer;
}

/** One token that is wanted: which, of whom, on whose account, and with what the client logs in. */
export interface TokenOrder {
  readonly grant: Grant;
  /** Of the binding: a token that cannot be kept new by it is not taken. */
  readonly rotation: RotationPolicy;
  /** Name of the OAuthIssuer, for metrics. */
  readonly issuerName: string;
  readonly driver: TokenIssuer;
  readonly call: CallContext;
  /** Who and what, for the audit log. */
  readonly about: AuditSubject;
  /** Why nothing may be delivered any more, by what is known at this moment. */
  readonly lapse: () => string | undefined;
  /** What the client logs in with, anew for each request: an assertion may be good for one only. */
  readonly authenticate: () => Promise<Result<ClientAuthentication, ActionFailure>>;
  /** Takes note that an issuer may have refused this ServiceAccount token; says what is known of it, where the next one is another. */
  readonly refused: (assertion: Secret) => RefusedProof | undefined;
  /** The issuer does not take the client for one of its own (`invalid_client`). */
  readonly clientDoubted?: () => Promise<void>;
}
