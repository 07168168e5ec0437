import { logFields, logLevels } from '../../src/telemetry/log-contract.ts';

/** The lines of a log in what programs printed, also where a container runtime has put its own words before each. */
export const logLinesIn = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => /\{"level":"\w+","time":.*\}$/.exec(line)?.[0] ?? []);

/** What of a line is not in the contract of docs/reference/log.md. */
export function logFaultsOf(line: string): readonly string[] {
  const fields = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const { level, time, msg } = fields;
  return [
    ...(String(level) in logLevels ? [] : [`there is no level ${String(level)}`]),
    ...(typeof time === 'string' && typeof msg === 'string' ? [] : ['it has no time or no msg']),
    ...Object.keys(fields).flatMap((field) =>
      field in logFields ? [] : [`nobody was told of a field ${field}`],
    ),
  ];
}
