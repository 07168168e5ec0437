import { expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { recordingTerminal } from '../../test/fakes/recording-terminal.ts';
import { sleep } from '../std/clock.ts';
import { milliseconds, seconds } from '../std/duration.ts';
import { withProgress } from './progress.ts';

test.each([
  ['what is done within a second', milliseconds(900), true, []],
  ['what takes longer, and then cleans up', seconds(2.5), true, ['reading … 1 s', 'reading … 2 s', '']],
  ['nobody where no person looks', seconds(2.5), false, []],
])('tells of %s', async (_, lasts, interactive, told) => {
  const clock = new FakeClock();
  const terminal = recordingTerminal({ interactive });
  const ended = withProgress({ clock, terminal }, 'reading', () => sleep(clock, lasts));
  await clock.advance(seconds(3));
  expect(await ended).toBe(true);
  expect(terminal.statuses.map((text) => text.replace('\r\u001b[K', ''))).toEqual(told);
  expect(clock.pending).toBe(0);
});
