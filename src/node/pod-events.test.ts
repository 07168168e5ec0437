import { describe, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { now } from '../../test/gen/facts.ts';
import { aPod, aVolumeToken } from '../../test/gen/volumes.ts';
import type { VolumePlan } from '../domain/plan-volume.ts';
import type { Stored } from '../kube/objects.ts';
import { minutes, seconds } from '../std/duration.ts';
import { minus } from '../std/instant.ts';
import { createPodEvents } from './pod-events.ts';
import { newsOf, type Told } from './tell-pod.ts';

function setUp() {
  const clock = new FakeClock(now);
  const server = new FakeApiServer(clock);
  const metrics = recordingMetrics();
  const events = createPodEvents({
    ...{ kube: server.client(clock), clock, rng: new FakeRng(), log: recordingLog(), node: 'node-1' },
    metrics: metrics as never,
  });
  const told = () => [...server.objects.values()].filter(({ kind }) => kind === 'Event');
  return { clock, server, metrics, events, told };
}

const event = { type: 'Warning', reason: 'IssuerUnavailable', note: 'away' } as const;

describe('events for pods', () => {
  it('are about the pod by its UID, and say who tells them', async () => {
    const { clock, events, told } = setUp();
    events.tell(aPod(), event);
    await clock.settle();
    expect(told()).toMatchObject([
      {
        apiVersion: 'events.k8s.io/v1',
        metadata: { namespace: 'acme-prod', name: expect.stringMatching(/^billing-7d4b9\./) },
        eventTime: '2026-06-01T12:00:00.000000Z',
        reportingController: 'csi.grantor.dev',
        reportingInstance: 'node-1',
        ...event,
        regarding: { kind: 'Pod', namespace: 'acme-prod', name: 'billing-7d4b9', uid: 'uid-pod' },
      },
    ]);
  });

  it('go one after the other, twenty a second, and no more than a thousand wait', async () => {
    const { clock, events, told, metrics } = setUp();
    for (let count = 0; count < 1200; count += 1) events.tell(aPod(), event);
    await clock.advance(seconds(1));
    expect(told().length).toBeLessThanOrEqual(21);
    await clock.advance(minutes(2));
    expect(told()).toHaveLength(1001);
    expect(metrics.values['grantor_node_pod_events_total{Dropped}']).toBe(199);
  });

  it('that the API server does not take are let go', async () => {
    const { clock, server, events, told, metrics } = setUp();
    server.fail('create', 'forbidden');
    events.tell(aPod(), event);
    await clock.advance(seconds(1));
    server.recover();
    events.tell(aPod(), event);
    await clock.advance(seconds(1));
    expect(told()).toHaveLength(1);
    expect(metrics.values['grantor_node_pod_events_total{Failed}']).toBe(1);
  });

  it.each(['y'.repeat(5000), 'ü'.repeat(1000), `y${'ü'.repeat(1000)}`, '😀'.repeat(300)])(
    'are as long as Kubernetes takes them, which counts bytes (%#)',
    async (note) => {
      const { clock, events, told } = setUp();
      events.tell(aPod({ name: `${'x'.repeat(199)}-${'x'.repeat(53)}` }), { ...event, note });
      await clock.settle();
      const [sent] = told() as (Stored & { readonly note?: string })[];
      const bytes = Buffer.byteLength(sent?.note ?? '');
      expect(bytes).toBeLessThanOrEqual(1024);
      expect(bytes).toBeGreaterThan(1016);
      expect(sent?.note).toMatch(/^(y?ü+|y+|😀+)…$/u);
      expect(sent?.metadata.name).toMatch(/^x{199}\.[-0-9a-f]+$/);
    },
  );
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
