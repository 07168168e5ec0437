/** When to try again what failed. `never` waits until something changes. */
export type Retry = 'backoff' | 'never';

export interface OperatorErrorOptions {
  /** Stable, for machines: `KUBE_CONFLICT`. Listed in docs/reference/errors.md. */
  readonly code: string;
  /** CamelCase, for a condition: `ApiServerUnavailable`. */
  readonly reason: string;
  readonly retry: Retry;
  readonly cause?: unknown;
}

/** The unexpected: everything that the program throws on purpose. Messages say what happened, to what, and what to do. */
export class OperatorError extends Error {
  readonly code: string;
  readonly reason: string;
  readonly retry: Retry;

  constructor(message: string, options: OperatorErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.reason = options.reason;
    this.retry = options.retry;
  }
}
