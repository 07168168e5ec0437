import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeRng } from '../../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../../test/fakes/recording-metrics.ts';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { createController } from '../../runtime/controller.ts';
import type { Json } from '../../std/canonical-json.ts';
import { milliseconds, minutes, seconds } from '../../std/duration.ts';
import { parseInstant, plus } from '../../std/instant.ts';

/** What the world does to a binding, one thing after another. */
type Event =
  | { readonly passes: number }
  | { readonly clockJumps: number }
  | { readonly issuerClock: number }
  | { readonly issuer: 'away' | 'back' }
  | 'restart';

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ passes: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ clockJumps: fc.integer({ min: -10, max: 10 }) }) },
  { weight: 1, arbitrary: fc.record({ issuerClock: fc.integer({ min: -5, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ issuer: fc.constantFrom('away' as const, 'back' as const) }) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
);

const shifted = (claim: Json | undefined, by: number): number => Number(claim) + by * 60;

async function happen(cluster: Cluster, event: Event): Promise<void> {
  const { clock, driver } = cluster;
  if (event === 'restart') return cluster.restart();
  if ('passes' in event) return clock.advance(minutes(event.passes));
  if ('clockJumps' in event) return clock.jump(plus(clock.now(), minutes(event.clockJumps)));
  if ('issuerClock' in event) {
    driver.alterToken = (token) => {
      const { iat, exp } = token.claims;
      const claims = { iat: shifted(iat, event.issuerClock), exp: shifted(exp, event.issuerClock) };
      return { ...token, claims: { ...token.claims, ...claims } };
    };
    return undefined;
  }
  if (event.issuer === 'away') driver.fail('requestToken', { kind: 'unavailable', detail: '' }, Infinity);
  else driver.recover();
  return undefined;
}

/** Looks at the binding as its controller would: now, and again when the outcome says so. */
async function look(cluster: Cluster): Promise<void> {
  const outcome = await cluster.binding();
  if (outcome.kind === 'again') expect(outcome.after).toBeGreaterThanOrEqual(0);
}

it('whatever happens to clocks, issuer and controller, no token is served past its end and nobody is asked in a hot loop', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent, { maxLength: 25 }), async (events) => {
      const cluster = await aReadyCluster();
      const { clock, driver } = cluster;
      for (const event of events) {
        await happen(cluster, event);
        const before = driver.calls.length;
        await look(cluster);
        expect(driver.calls.length - before).toBeLessThanOrEqual(1);

        const secret = cluster.secret('billing-token');
        const ready = cluster.condition('workloadidentitybindings', 'billing-api');
        if (secret === undefined) {
          expect(ready).not.toContain('True Ready');
          continue;
        }
        const end = parseInstant(secret['expires_at'] ?? '');
        expect(end.ok && end.value).toBeGreaterThan(clock.now());
        const token = driver.issued.find((one) => one.token.reveal() === secret['token']);
        expect(end.ok && end.value).toBeLessThanOrEqual(Number(token?.claims['exp']) * 1000);
      }
      // Once all is well it is well: within the longest back-off there is a token again.
      driver.recover();
      driver.alterToken = (token) => token;
      await clock.advance(minutes(11));
      await look(cluster);
      expect(cluster.condition('workloadidentitybindings', 'billing-api')).toContain('True Ready');
    }),
    { numRuns: 150 },
  );
}, 30_000);

it.each([
  ['forward', 10],
  ['back', -10],
])(
  'regression 22: when the clock is set %s by 10 minutes no token is served past its end for longer than 30 s',
  async (_, by) => {
    const cluster = await aReadyCluster();
    const { clock } = cluster;
    const key = 'acme-prod/billing-api';
    const controller = createController({
      name: 'workloadidentitybinding',
      concurrency: 1,
      reconcile: () => cluster.binding(),
      clock,
      rng: new FakeRng(),
      log: recordingLog(),
      metrics: recordingMetrics(),
    });
    const stop = new AbortController();
    const ended = controller.run(stop.signal);
    controller.enqueue(key);
    // Past its first renewal, which comes early in its life.
    await clock.advance(minutes(20));
    clock.jump(plus(clock.now(), minutes(by)));
    /** Ends of tokens by time that passes: a token does not live longer because a clock was set. */
    const endOf = new Map<string, number>();
    let pastEnd = 0;
    for (let second = 0; second < 1200; second++) {
      await clock.advance(seconds(1));
      const { token = '', expires_at = '' } = cluster.secret('billing-token') ?? {};
      const end = parseInstant(expires_at);
      if (!end.ok) continue;
      if (!endOf.has(token)) endOf.set(token, clock.elapsed() + minutes(10));
      const over = end.value <= clock.now() || (endOf.get(token) ?? 0) < clock.elapsed();
      pastEnd = over ? pastEnd + 1 : 0;
      expect(pastEnd).toBeLessThanOrEqual(30);
    }
    expect(endOf.size).toBeGreaterThanOrEqual(3);
    expect(cluster.condition('workloadidentitybindings', 'billing-api')).toContain('True Ready');
    stop.abort();
    await ended;
  },
);

it('an hour of a ten-minute token takes about ten requests, one look for each, and one status', async () => {
  const cluster = await aReadyCluster();
  const end = plus(cluster.clock.now(), minutes(60));
  let looks = 0;
  while (cluster.clock.now() < end) {
    const outcome = await cluster.binding();
    looks += 1;
    if (outcome.kind !== 'again') throw new Error(`the binding is ${outcome.kind}`);
    await cluster.clock.advance(milliseconds(Math.max(1, outcome.after)));
  }
  const requests = cluster.driver.calls.filter(({ operation }) => operation === 'requestToken').length;
  expect(requests).toBeGreaterThanOrEqual(9);
  expect(requests).toBeLessThanOrEqual(12);
  expect(looks).toBe(requests);
  expect(cluster.kube.writes.filter((write) => write.startsWith('applyStatus'))).toHaveLength(1);
  expect(cluster.kube.writes.filter((write) => write.includes('secrets'))).toHaveLength(requests);
});
