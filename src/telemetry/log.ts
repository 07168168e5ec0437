import { type DestinationStream, destination, pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * The log of the program: JSON lines on standard error. Levels are a contract:
 *
 * - `error`: somebody should look; something will not mend itself
 * - `warn`: it did not work and is tried again, or was refused
 * - `info`: what an operator wants to read of a normal day: start, stop, leadership, changes at an issuer
 * - `debug`: every reconcile; may hold names of tenants' objects
 *
 * No level may hold a token, key, assertion or client secret: those are `Secret<T>`, which prints as `[secret]`. Errors are logged
 * as message and code only, because a cause may hold a response body.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

/** Makes the log of a process. `stream` is standard error unless a test wants to read it. */
export function createLog(
  level: LogLevel,
  stream: DestinationStream = destination({ dest: 2, sync: true }),
): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError, err: describeError },
    },
    stream,
  );
}

/** What of an error may be logged: never its cause, its stack or members that a library added. A sentence stays one. */
function describeError(error: unknown): object | string {
  if (typeof error === 'string') return error.slice(0, 1024);
  if (!(error instanceof Error)) return { message: 'not an Error' };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name: error.name, message: error.message.slice(0, 1024), ...code };
}
