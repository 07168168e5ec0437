import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { FakeRng } from '../../../test/fakes/fake-rng.ts';
import { recordingMetrics } from '../../../test/fakes/recording-metrics.ts';
import { now } from '../../../test/gen/facts.ts';
import type { EventObject } from '../../runtime/event-object.ts';
import { hours, minutes, seconds } from '../../std/duration.ts';
import { createEventRecorder } from './event-recorder.ts';

const client = (name = 'billing') => ({
  ...{ apiVersion: 'grantor.dev/v1alpha1', kind: 'OAuthClient', namespace: 'acme-prod' },
  ...{ name, uid: `uid-${name}` },
});
const away = { type: 'Warning', reason: 'IssuerUnavailable', note: 'no answer within 10s' } as const;
const back = { type: 'Normal', reason: 'Ready', note: 'as c-1' } as const;

function setUp() {
  const clock = new FakeClock(now);
  const metrics = recordingMetrics();
  const sent: EventObject[] = [];
  const sender = { send: (event: EventObject) => void sent.push(event) };
  const events = createEventRecorder({
    sender,
    clock,
    rng: new FakeRng(),
    metrics,
    instance: 'controller-1',
  });
  return { clock, metrics, sent, events };
}

describe('the controller tells an object', () => {
  it('in its own name, and says which process that was', () => {
    const { events, sent } = setUp();
    events.tell(client(), away);
    expect(sent).toMatchObject([
      {
        ...{ reportingController: 'grantor.dev/controller', reportingInstance: 'controller-1' },
        ...{ action: 'Reconcile', regarding: client(), ...away },
      },
    ]);
  });

  it('the same again within ten minutes by counting up, and later by another event', async () => {
    const { clock, events, sent } = setUp();
    for (const wait of [seconds(30), minutes(9), minutes(11), seconds(0)]) {
      events.tell(client(), away);
      events.tell(client(), back);
      await clock.advance(wait);
    }
    const told = sent.filter(({ reason }) => reason === away.reason);
    expect(told.map(({ series }) => series?.count)).toEqual([undefined, 2, 3, undefined]);
    expect(new Set(told.slice(0, 3).map(({ metadata }) => metadata.name)).size).toBe(1);
    expect(told[3]?.metadata.name).not.toBe(told[0]?.metadata.name);
    expect(told[2]).toMatchObject({
      eventTime: told[0]?.eventTime,
      series: { lastObservedTime: '2026-06-01T12:09:30.000000Z' },
    });
  });

  it('what another object was told before as something of its own', () => {
    const { events, sent } = setUp();
    events.tell(client(), away);
    events.tell(client('shipping'), away);
    expect(sent.map(({ series }) => series)).toEqual([undefined, undefined]);
  });

  it('no more than 25 things at once and one in five minutes, and counts what it leaves out', async () => {
    const { clock, events, sent, metrics } = setUp();
    for (let n = 0; n < 40; n++) events.tell(client(), { ...away, note: `no answer, ${n}` });
    expect(sent).toHaveLength(25);
    expect(metrics.values['events_total{Dropped}']).toBe(15);
    events.tell(client('shipping'), away);
    expect(sent).toHaveLength(26);
    await clock.advance(minutes(5));
    for (let n = 0; n < 3; n++) events.tell(client(), { ...away, note: `still no answer, ${n}` });
    expect(sent).toHaveLength(27);
  });

  it('as much as any other once it was silent, though ten thousand were told meanwhile', async () => {
    const { clock, events, sent } = setUp();
    for (let n = 0; n < 30; n++) events.tell(client(), away);
    for (let n = 0; n < 10_000; n++) events.tell(client(`client-${n}`), away);
    await clock.advance(hours(3));
    sent.length = 0;
    for (let n = 0; n < 30; n++) events.tell(client(), away);
    expect(sent).toHaveLength(25);
  });

  it('in a memory that has an end, however much each of many objects is told', () => {
    const { events, sent } = setUp();
    events.tell(client(), away);
    for (let n = 0; n < 200; n++)
      for (let m = 0; m < 25; m++) events.tell(client(`client-${n}`), { ...away, note: `no answer, ${m}` });
    events.tell(client(), away);
    expect(sent.at(-1)?.series).toBeUndefined();
  });
});
