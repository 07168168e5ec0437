/** What a log line may carry beside its message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The log that the runtime writes to. pino has this shape. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** The same log, with `fields` on each line. */
export const withFields = (log: Log, fields: LogFields): Log => ({
  debug: (more, message) => log.debug({ ...fields, ...more }, message),
  info: (more, message) => log.info({ ...fields, ...more }, message),
  warn: (more, message) => log.warn({ ...fields, ...more }, message),
  error: (more, message) => log.error({ ...fields, ...more }, message),
});

/** What to log of something that was thrown. */
export const errorText = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 500);
