import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../test/gen/a-cluster.ts';
import { away, change, clientIDs, loseAnswerTo, ready } from '../../../test/gen/client-steps.ts';
import {
  accepted,
  aRotatedCluster,
  ask,
  every,
  type Found,
  found,
  type Method,
  methods,
  opens,
  overlap,
  told,
} from '../../../test/gen/rotations.ts';
import { hours, milliseconds, minutes } from '../../std/duration.ts';
import { plus } from '../../std/instant.ts';

/** What happens to a client whose credential is replaced. */
type Event =
  | { readonly passes: number }
  | { readonly clockJumps: number }
  /** The controller is killed at the n-th half call from now. */
  | { readonly killedAt: number }
  | { readonly issuer: 'fine' | 'away' | 'loses an answer' }
  | { readonly pod: 'starts' | 'stops' }
  | { readonly client: 'asks' | 'changes' }
  | { readonly copy: 'deleted' };

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ passes: fc.constantFrom(0, 1, 5, 10, 29, 31, 240) }) },
  { weight: 1, arbitrary: fc.record({ clockJumps: fc.integer({ min: -10, max: 10 }) }) },
  { weight: 4, arbitrary: fc.record({ killedAt: fc.integer({ min: 0, max: 20 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ issuer: fc.constantFrom('fine', 'away', 'loses an answer') }),
  },
  { weight: 1, arbitrary: fc.record({ pod: fc.constantFrom('starts', 'stops') }) },
  { weight: 3, arbitrary: fc.record({ client: fc.constantFrom('asks', 'asks', 'changes') }) },
  { weight: 1, arbitrary: fc.record({ copy: fc.constant('deleted') }) },
) as fc.Arbitrary<Event>;

const copyAt = { namespace: 'acme-prod', name: 'credentials' };
const podAt = { namespace: 'acme-prod', name: 'web' };
const aPod = {
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: podAt },
  spec: { containers: [{ envFrom: [{ secretRef: { name: 'credentials' } }] }] },
} as const;

let count = 0;

async function happen(cluster: Cluster, event: Event): Promise<void> {
  const { clock, driver, kube } = cluster;
  if ('passes' in event) await clock.advance(minutes(event.passes));
  else if ('clockJumps' in event) clock.jump(plus(clock.now(), minutes(event.clockJumps)));
  else if ('killedAt' in event) {
    await cluster.killedAfter(event.killedAt, () => cluster.client());
    cluster.restart();
  } else if ('issuer' in event) {
    driver.recover();
    if (event.issuer === 'away') driver.fail('update', away, Infinity);
    if (event.issuer === 'loses an answer') loseAnswerTo(cluster, 'update');
  } else if ('pod' in event) {
    if (event.pod === 'stops') kube.remove('pods', podAt);
    else if (kube.find('pods', podAt) === undefined) kube.put('pods', aPod);
  } else if ('copy' in event) {
    kube.remove('secrets', copyAt);
    cluster.restart();
  } else if (event.client === 'asks') ask(cluster, String(++count));
  else {
    const generation = ++count + 1;
    const scopes = generation % 2 === 0 ? ['invoices.read'] : ['invoices.read', 'invoices.write'];
    change(cluster, { metadata: { generation }, spec: { scopes } });
  }
}

/** Watches what a consumer could have found, and since when it could find something else. */
class Consumers {
  readonly #cluster: Cluster;
  #current: Found;
  #former: Found;
  #replacedAt = 0;
  #latest = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#current = found(cluster);
  }

  async look(what: string): Promise<void> {
    const cluster = this.#cluster;
    const now = found(cluster);
    this.#latest = Math.max(this.#latest, cluster.clock.now());
    if (now !== undefined && JSON.stringify(now) !== JSON.stringify(this.#current)) {
      this.#former = this.#current;
      this.#current = now;
      this.#replacedAt = cluster.clock.now();
      this.#latest = this.#replacedAt;
    }
    expect(await opens(cluster, this.#current), `the credential after ${what}`).toBe(true);
    if (this.#former === undefined || this.#latest - this.#replacedAt >= overlap) return;
    expect(await opens(cluster, this.#former), `the one before it after ${what}`).toBe(true);
  }
}

const numRuns = 60;

describe.each(methods)('whatever happens, a credential (%s)', (method: Method) => {
  it('works at every moment, and during its overlap the one before it too; in the end there is one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 25, size: 'max' }), async (events) => {
        const cluster = await aRotatedCluster(method, { every, overlap, maxOverlap: hours(4) });
        const consumers = new Consumers(cluster);
        for (const event of events) {
          await happen(cluster, event);
          await consumers.look(JSON.stringify(event));
          await cluster.client();
          await consumers.look(`a look after ${JSON.stringify(event)}`);
        }
        cluster.driver.recover();
        cluster.kube.remove('pods', podAt);
        for (let look = 0; look < 60; look++) {
          await cluster.clock.advance(milliseconds(minutes(5)));
          await cluster.client();
          await consumers.look('all trouble has ended');
        }
        expect([told(cluster)?.phase, accepted(cluster), clientIDs(cluster).length]).toEqual([
          undefined,
          1,
          1,
        ]);
        expect(ready(cluster)).toContain('True Ready');
      }),
      { numRuns },
    );
  }, 120_000);
});
