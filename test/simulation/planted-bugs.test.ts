import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject, Stored } from '../../src/kube/objects.ts';
import type { ObjectName, ResourceKind } from '../../src/kube/resource-path.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { sleep } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { ok } from '../../src/std/result.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';
import type { Invariant } from './invariants/scene.ts';
import type { Plant } from './replica.ts';
import { simulate } from './simulate.ts';
import { anySchedule } from './steps.ts';

/** Registers with a mark that nothing can be found by again. */
const skipTheMark = (): Plant => {
  let count = 0;
  return {
    driver: (driver) =>
      overlay<IssuerDriver>(driver, {
        register: (client, call) => driver.register({ ...client, mark: `${client.mark}#${++count}` }, call),
      }),
  };
};

/** Says that a token is in its Secret before it is: the Secret is written a moment later. */
const statusFirst = (): Plant => ({
  kube: (client, clock: FakeClock) =>
    overlay<KubeClient>(client, {
      create: async (kind, object, options) => {
        if ((object as { readonly type?: string }).type !== 'grantor.dev/token')
          return client.create(kind, object, options);
        void sleep(clock, seconds(2)).then(() => client.create(kind, object, options));
        const metadata = { ...object.metadata, uid: 'not-yet', resourceVersion: '1' };
        return ok({ ...object, metadata });
      },
    }),
});

/** Writes whatever is there: the identity that a write relies on is looked up at the last moment. */
const dropThePrecondition = (): Plant => ({
  kube: (client) => {
    const now = async (kind: ResourceKind, at: ObjectName): Promise<Partial<Stored['metadata']>> => {
      const found = await client.get<KubeObject>(kind, at);
      if (!found.ok) return {};
      const { uid, resourceVersion } = found.value.metadata;
      return { uid, resourceVersion };
    };
    return overlay<KubeClient>(client, {
      replace: async (kind, object, options) =>
        kind.plural === 'leases'
          ? client.replace(kind, object, options)
          : client.replace(
              kind,
              { ...object, metadata: { ...object.metadata, ...(await now(kind, object.metadata)) } },
              options,
            ),
      patchMetadata: async (kind, at, metadata, options) =>
        client.patchMetadata(kind, { ...at, ...(await now(kind, at)) }, metadata, options),
      applyStatus: async (kind, at, status, options) =>
        client.applyStatus(kind, { ...at, ...(await now(kind, at)) }, status, options),
      delete: async (kind, at, options) => client.delete(kind, at, { ...options, ...(await now(kind, at)) }),
    });
  },
});

const forgetTheLease = (): Plant => ({ withoutElection: true });

const atTheEnd = 'all ends as it would without trouble';

describe('the simulation finds', { timeout: 240_000 }, () => {
  it.each<[string, () => Plant, readonly Invariant[], number]>([
    ['an operator that skips the mark', skipTheMark, ['one client for each OAuthClient', atTheEnd], 200],
    ['one that tells before it writes', statusFirst, ['Ready is told of what is there'], 20],
    [
      'one that looks at no precondition',
      dropThePrecondition,
      ['Secrets of others are left alone', atTheEnd],
      500,
    ],
    ['one that forgets the lease', forgetTheLease, ['only the leader acts'], 20],
  ])('%s', async (_, plant, invariants, numRuns) => {
    const property = fc.asyncProperty(anySchedule, async (schedule) => {
      const [first] = await simulate(schedule, { idempotent: true, plant: plant() });
      expect(first?.invariant).toBeUndefined();
    });
    const { failed, errorInstance } = await fc.check(property, { numRuns, seed: 1, endOnFailure: true });
    expect(failed).toBe(true);
    expect((errorInstance as { readonly actual?: unknown }).actual).toBeOneOf([...invariants]);
  });
});

/** The same port with some of its calls replaced. */
const overlay = <T extends object>(port: T, calls: Partial<T>): T =>
  new Proxy(port, { get: (_, name) => Reflect.get(name in calls ? calls : port, name) as unknown });
