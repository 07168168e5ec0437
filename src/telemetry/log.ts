import { type DestinationStream, destination, pino } from 'pino';
import type { logLevels } from './log-contract.ts';

export type LogLevel = keyof typeof logLevels;

/**
 * The log of the program: JSON lines on standard error. What levels and fields mean is a contract (log-contract.ts).
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
