import { describe, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { now } from '../../test/gen/facts.ts';
import type { Stored } from '../kube/objects.ts';
import { milliseconds, minutes, seconds } from '../std/duration.ts';
import { eventObject, type ObjectReference } from './event-object.ts';
import { createEventSender } from './event-sender.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'acme-prod', name: 'billing-7d4b9', uid: 'uid-pod' };
const content = { type: 'Warning', reason: 'IssuerUnavailable', note: 'away', action: 'Mount' } as const;
const issuer = { apiVersion: 'grantor.dev/v1alpha1', kind: 'OAuthIssuer', name: 'main', uid: 'uid-issuer' };
const reporter = { reportingController: 'csi.grantor.dev', reportingInstance: 'node-1' };

let id = 0;
const anEvent = (about: ObjectReference = pod, note = 'away') =>
  eventObject(about, { ...content, note }, reporter, now, `id-${id++}`);

function setUp() {
  const clock = new FakeClock(now);
  const server = new FakeApiServer(clock);
  const metrics = recordingMetrics();
  const sender = createEventSender({ kube: server.client(clock), clock, log: recordingLog(), metrics });
  const stop = new AbortController();
  void sender.run(stop.signal);
  const told = () => [...server.objects.values()].filter(({ kind }) => kind === 'Event');
  return { clock, server, metrics, sender, told, stop };
}

describe('events', () => {
  it('are about an object by its UID, and say who tells them', async () => {
    const { clock, sender, told } = setUp();
    sender.send(anEvent());
    await clock.settle();
    expect(told()).toMatchObject([
      {
        apiVersion: 'events.k8s.io/v1',
        metadata: { namespace: 'acme-prod', name: expect.stringMatching(/^billing-7d4b9\./) },
        eventTime: '2026-06-01T12:00:00.000000Z',
        ...{ ...reporter, ...content, regarding: pod },
      },
    ]);
  });

  it('go one after the other, twenty a second, and no more than a thousand wait', async () => {
    const { clock, sender, told, metrics } = setUp();
    for (let count = 0; count < 1200; count += 1) sender.send(anEvent());
    await clock.advance(seconds(1));
    expect(told().length).toBeLessThanOrEqual(21);
    await clock.advance(minutes(2));
    expect(told()).toHaveLength(1000);
    expect(metrics.values['events_total{Dropped}']).toBe(200);
  });

  it('of one namespace have those of another wait for no more than one, however many there are', async () => {
    const { clock, sender, told, metrics } = setUp();
    for (let count = 0; count < 1200; count += 1) sender.send(anEvent());
    sender.send(anEvent({ ...pod, namespace: 'umbrella' }));
    await clock.advance(milliseconds(150));
    expect(told().map(({ metadata }) => metadata.namespace)).toContain('umbrella');
    for (let lane = 0; lane < 12; lane += 1)
      for (let count = 0; count < 1000; count += 1) sender.send(anEvent({ ...pod, namespace: `of-${lane}` }));
    const sent = told().length;
    expect(metrics.values['events_total{Dropped}']).toBe(1201 + 12_000 - sent - 10_000);
  });

  it('of what belongs to the whole cluster go before all others, into the namespace default', async () => {
    const { clock, sender, told } = setUp();
    for (let count = 0; count < 1200; count += 1) sender.send(anEvent());
    sender.send(anEvent(issuer));
    await clock.advance(seconds(1));
    expect(told()).toContainEqual(
      expect.objectContaining({
        metadata: expect.objectContaining({ namespace: 'default' }),
        regarding: issuer,
      }),
    );
  });

  it('that the API server does not take are let go', async () => {
    const { clock, server, sender, told, metrics } = setUp();
    server.fail('create', 'forbidden');
    sender.send(anEvent());
    await clock.advance(seconds(1));
    server.recover();
    sender.send(anEvent());
    await clock.advance(seconds(1));
    expect(told()).toHaveLength(1);
    expect(metrics.values['events_total{Failed}']).toBe(1);
  });

  it('end with the program: what waits is not sent any more', async () => {
    const { clock, sender, told, stop } = setUp();
    for (let count = 0; count < 3; count += 1) sender.send(anEvent());
    await clock.settle();
    stop.abort();
    sender.send(anEvent());
    await clock.advance(seconds(10));
    expect(told()).toHaveLength(1);
  });

  it('that were told before are counted up where they are', async () => {
    const { clock, server, sender, told } = setUp();
    const event = anEvent();
    sender.send(event);
    sender.send({ ...event, series: { count: 2, lastObservedTime: '2026-06-01T12:00:01.000000Z' } });
    await clock.advance(seconds(1));
    expect(told()).toMatchObject([{ note: 'away', series: { count: 2 } }]);
    expect(server.writes.map((write) => write.split(' ')[0])).toEqual(['create', 'apply']);
  });

  it('of what belongs to the whole cluster are counted up in the order in which they were told', async () => {
    const { clock, server, sender, told } = setUp();
    const event = anEvent(issuer);
    sender.send(event);
    for (const count of [2, 3])
      sender.send({ ...event, series: { count, lastObservedTime: '2026-06-01T12:00:01.000000Z' } });
    await clock.advance(seconds(1));
    expect(server.writes.map((write) => write.split(' ')[0])).toEqual(['create', 'apply', 'apply']);
    expect(told()).toMatchObject([{ series: { count: 3 } }]);
  });

  it.each(['y'.repeat(5000), 'ü'.repeat(1000), `y${'ü'.repeat(1000)}`, '😀'.repeat(300)])(
    'are as long as Kubernetes takes them, which counts bytes (%#)',
    async (note) => {
      const { clock, sender, told } = setUp();
      sender.send(anEvent({ ...pod, name: `${'x'.repeat(199)}-${'x'.repeat(53)}` }, note));
      await clock.settle();
      const [sent] = told() as (Stored & { readonly note?: string })[];
      const bytes = Buffer.byteLength(sent?.note ?? '');
      expect(bytes).toBeLessThanOrEqual(1024);
      expect(bytes).toBeGreaterThan(1016);
      expect(sent?.note).toMatch(/^(y?ü+|y+|😀+)…$/u);
      expect(sent?.metadata.name).toMatch(/^x{199}\.id-\d+$/);
    },
  );
});
