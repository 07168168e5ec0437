import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { now } from '../../test/gen/facts.ts';
import { aPod, aVolumeToken } from '../../test/gen/volumes.ts';
import type { VolumePlan } from '../domain/plan-volume.ts';
import type { EventObject } from '../runtime/event-object.ts';
import { minutes, seconds } from '../std/duration.ts';
import { minus } from '../std/instant.ts';
import { createPodEvents } from './pod-events.ts';
import { newsOf, type Told } from './tell-pod.ts';

it('a pod is told by the plug-in of its node', () => {
  const sent: EventObject[] = [];
  const clock = new FakeClock(now);
  const sender = { send: (event: EventObject) => void sent.push(event) };
  const events = createPodEvents({ sender, clock, rng: new FakeRng(), node: 'node-1' });
  const event = { type: 'Warning', reason: 'IssuerUnavailable', note: 'away' } as const;
  events.tell(aPod(), event);
  expect(sent).toMatchObject([
    {
      ...{ reportingController: 'csi.grantor.dev', reportingInstance: 'node-1', action: 'Mount' },
      ...event,
      regarding: { kind: 'Pod', namespace: 'acme-prod', name: 'billing-7d4b9', uid: 'uid-pod' },
    },
  ]);
});

describe('what a pod is told', () => {
  const state = { binding: 'billing-api', delivered: aVolumeToken() } as never;
  const granted = { kind: 'granted' } as never;
  const trouble = { reason: 'IssuerUnavailable', message: 'away' };
  const plan = (change: Partial<VolumePlan>): VolumePlan => ({
    verdict: granted,
    content: 'Fresh',
    ...change,
  });
  const before = (change: Partial<Told> = {}): Told => ({
    ...{ reason: 'IssuerUnavailable', isServed: true, at: minus(now, minutes(5)) },
    ...change,
  });
  const words = (told: Told | undefined, change: Partial<VolumePlan>): string => {
    const { event: one } = newsOf(told, { state }, plan(change), now);
    return one === undefined ? 'nothing' : `${one.type} ${one.note}`;
  };
  const what = 'the token of WorkloadIdentityBinding billing-api';
  const clear = { kind: 'clear', fingerprint: 'clear', because: 'expired' } as const;

  it.each<[string, Told | undefined, Partial<VolumePlan>, string]>([
    ['nothing while all is well', undefined, {}, 'nothing'],
    [
      'that a token is late',
      undefined,
      { trouble, content: 'Late' },
      `Warning ${what} could not be renewed, and is good until 2026-06-01T12:10:00Z: away`,
    ],
    ['that once', before(), { trouble, content: 'Late' }, 'nothing'],
    [
      'another reason',
      before(),
      { trouble: { ...trouble, reason: 'IssuerRejected' }, content: 'Late' },
      `Warning ${what} could not be renewed, and is good until 2026-06-01T12:10:00Z: away`,
    ],
    [
      'no reasons that take turns',
      before({ at: minus(now, seconds(10)) }),
      { trouble: { ...trouble, reason: 'IssuerRejected' }, content: 'Late' },
      'nothing',
    ],
    [
      'that a token is taken away',
      before({ at: now }),
      { trouble, content: 'Expired', action: clear },
      `Warning ${what} is not in the volume any more: away`,
    ],
    ['that once too', before({ isServed: false }), { trouble, content: 'Empty' }, 'nothing'],
    [
      'that there is none',
      undefined,
      { trouble, content: 'Empty' },
      `Warning ${what} is not in the volume: away`,
    ],
    [
      'that it has one which has expired',
      undefined,
      { trouble, content: 'Expired' },
      `Warning ${what} could not be renewed, and expired 2026-06-01T12:10:00Z: away`,
    ],
    ['that all is well again', before(), {}, `Normal ${what} is there and new again`],
    ['that not before it is', before(), { action: clear }, 'nothing'],
  ])('is %s', (_, told, change, expected) => {
    expect(words(told, change)).toBe(expected);
  });
});
