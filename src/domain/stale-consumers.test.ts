import { describe, expect, it } from 'vitest';
import { now } from '../../test/gen/facts.ts';
import type { Json } from '../std/canonical-json.ts';
import { minutes, seconds } from '../std/duration.ts';
import { formatInstant, minus, plus } from '../std/instant.ts';
import { believedLook, type ConsumerLook, describeStale, isStaleConsumer } from './stale-consumers.ts';

const copy = {
  ...{ namespace: 'acme-prod', name: 'credentials', uid: 'uid-copy', resourceVersion: '9' },
  writtenAt: now,
};
const byKey = { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'credentials', key: 'k' } } }] };
const byAll = { envFrom: [{ configMapRef: { name: 'x' } }, { secretRef: { name: 'credentials' } }] };
const pod = (spec: Json, createdAt = minus(now, minutes(1)), phase = 'Running') => ({
  metadata: { name: 'web', creationTimestamp: formatInstant(createdAt) },
  spec,
  status: { phase },
});

describe('a pod has a former credential', () => {
  it.each<[string, Json]>([
    ['of which a container takes one key of it', { containers: [{}, byKey] }],
    ['of which a container takes all of it', { containers: [byAll] }],
    ['of which an init container takes it', { initContainers: [byAll], containers: [{}] }],
    ['of which an ephemeral container takes it', { containers: [{}], ephemeralContainers: [byKey] }],
  ])('%s, and which was created before the Secret was written', (_, spec) => {
    expect(isStaleConsumer(pod(spec), copy)).toBe(true);
    expect(isStaleConsumer(pod(spec, plus(now, seconds(1))), copy)).toBe(false);
    expect(isStaleConsumer(pod(spec, now), copy)).toBe(true);
  });

  it.each<[string, Json]>([
    ['as a file', { volumes: [{ name: 'v', secret: { secretName: 'credentials' } }], containers: [{}] }],
    ['not at all', { containers: [{ env: [{ name: 'KEY', value: 'credentials' }] }] }],
    ['of another Secret', { containers: [{ envFrom: [{ secretRef: { name: 'credentials-2' } }] }] }],
    ['in no form that is known', { containers: 'credentials', initContainers: [null, 'x', [byKey]] }],
  ])('but not one that takes it %s', (_, spec) => {
    expect(isStaleConsumer(pod(spec), copy)).toBe(false);
  });

  it.each(['Succeeded', 'Failed'])('but not one that has %s', (phase) => {
    expect(isStaleConsumer(pod({ containers: [byKey] }, minus(now, minutes(1)), phase), copy)).toBe(false);
  });

  it('as far as is known: one that does not say when it was created, or a Secret when it was written', () => {
    const { spec } = pod({ containers: [byKey] });
    expect(isStaleConsumer({ metadata: { name: 'web' }, spec }, copy)).toBe(true);
    const { writtenAt: _, ...untimed } = copy;
    expect(isStaleConsumer(pod(spec, plus(now, minutes(9))), untimed)).toBe(true);
  });
});

describe('what was seen of pods', () => {
  const end = plus(now, minutes(30));
  const look = (change: Partial<ConsumerLook> = {}): ConsumerLook => ({
    ...{ at: now, resourceVersion: '9', stale: [] },
    ...change,
  });
  it.each<[string, ConsumerLook | undefined, number, boolean]>([
    ['that there is none holds for ever', look(), 1000, true],
    ['of an earlier copy counts for nothing', look({ resourceVersion: '8' }), 0, false],
    ['in the future counts for nothing', look({ at: plus(now, minutes(9)) }), 0, false],
    ['that there is one holds for an hour while there is time', look({ stale: ['web'] }), 59, true],
    ['that there is one does not hold for longer', look({ stale: ['web'] }), 60, false],
    ['once only it is waited for holds for minutes', look({ at: end, stale: ['web'] }), 34, true],
    ['that could not be seen holds for minutes', look({ unknown: '403' }), 5, false],
  ])('%s', (_, seen, after, holds) => {
    const believed = believedLook(seen, copy, end, plus(now, minutes(after)));
    expect(believed).toEqual(holds ? seen : undefined);
  });

  it('is told within bounds', () => {
    const stale = Array.from({ length: 6 }, (_, n) => `${n}-${'x'.repeat(300)}`);
    expect(describeStale(look({ stale })).length).toBeLessThanOrEqual(1024);
    expect(describeStale(look({ stale: ['a', 'b', 'c', 'd', 'e', 'f'] }))).toMatch(/a, b, c, d, e, others$/);
  });
});
