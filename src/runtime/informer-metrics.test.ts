import { expect, test } from 'vitest';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { jointMetrics } from './informer-metrics.ts';

const name = { name: 'things' };
const heard = 'informer_heard_timestamp_seconds';

test('several informers of one name show how many objects they have together', () => {
  const metrics = recordingMetrics();
  const join = jointMetrics(metrics);
  const [a, b] = [join(), join()];
  a.set('informer_objects', name, 3);
  b.set('informer_objects', name, 4);
  a.set('informer_objects', name, 2);
  expect(metrics.values).toEqual({ 'informer_objects{things}': 6 });
  a.drop('informer_objects', name);
  expect(metrics.values).toEqual({ 'informer_objects{things}': 4 });
  b.drop('informer_objects', name);
  expect(metrics.values).toEqual({});
});

test('one that hears nothing does not hide behind others that do, and is no alarm once nobody needs it', () => {
  const metrics = recordingMetrics();
  const join = jointMetrics(metrics);
  const [silent, lively] = [join(), join()];
  silent.set(heard, name, 100);
  lively.set(heard, name, 160);
  lively.set(heard, name, 220);
  expect(metrics.values).toEqual({ [`${heard}{things}`]: 100 });
  silent.drop(heard, name);
  expect(metrics.values).toEqual({ [`${heard}{things}`]: 220 });
});

test('what they count is counted', () => {
  const metrics = recordingMetrics();
  const join = jointMetrics(metrics);
  join().count('reflector_lists_total', name);
  join().count('reflector_lists_total', name, 2);
  expect(metrics.values).toEqual({ 'reflector_lists_total{things}': 3 });
});
