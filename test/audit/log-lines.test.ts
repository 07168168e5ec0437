import { expect, test } from 'vitest';
import { createLog } from '../../src/telemetry/log.ts';
import { logFaultsOf, logLinesIn } from './log-lines.ts';

const written = (fields: object): readonly string[] => {
  let text = '';
  createLog('info', { write: (line) => void (text += line) }).info(fields, 'words');
  return logLinesIn(`2026-11-26T04:00:00Z stderr F ${text}`);
};

test('a line of the log keeps to its contract', () => {
  const lines = written({ controller: 'binding', key: 'a/b', error: new Error('no') });
  expect(lines).toHaveLength(1);
  expect(lines.flatMap(logFaultsOf)).toEqual([]);
});

test('a field that nobody was told of does not', () => {
  expect(written({ password: 'x' }).flatMap(logFaultsOf)).toEqual(['nobody was told of a field password']);
});
