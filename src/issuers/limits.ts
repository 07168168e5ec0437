import type { Duration } from '../std/duration.ts';

/** What one process may ask of one issuer: `spec.limits` of an OAuthIssuer. */
export interface IssuerLimits {
  readonly requestsPerSecond: number;
  /** Requests that may go out at once after a quiet time. */
  readonly burst: number;
  /** Requests under way at the same time. */
  readonly concurrency: number;
  /** From the first byte sent to the last byte read, connecting included. */
  readonly timeout: Duration;
}
