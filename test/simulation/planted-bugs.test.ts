import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegisteredAuthentication } from '../../src/domain/desired-client.ts';
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
import { anySchedule, clientNames, isUserStep, type Schedule, type Step } from './steps.ts';

/** Registers with a mark that nothing can be found by again. */
const skipTheMark = (): Plant => {
  let count = 0;
  return {
    driver: (driver) =>
      overlay<IssuerDriver>(driver, {
        register: (client, call) => driver.register({ ...client, mark: `${++count}:${client.mark}` }, call),
      }),
  };
};

/** Takes it that all tokens of a client have ended with its rights. */
const leaveTokensAlone = (): Plant => ({
  driver: (driver) => overlay<IssuerDriver>(driver, { revokeAll: async () => ok(undefined) }),
});

/** Takes what the issuer holds for what is wanted. */
const seeNoDrift = (): Plant => ({
  driver: (driver) => overlay<IssuerDriver>(driver, { compare: async () => ok({ differences: [] }) }),
});

/** Tells the issuer of the newest credential alone. */
const forgetTheFormer = (): Plant => ({
  driver: (driver) =>
    overlay<IssuerDriver>(driver, {
      update: (registration, client, call) =>
        driver.update(registration, { ...client, authentication: newestOf(client.authentication) }, call),
    }),
});

function newestOf(authentication: RegisteredAuthentication): RegisteredAuthentication {
  switch (authentication.method) {
    case 'PrivateKey':
      return { ...authentication, publicKeys: authentication.publicKeys.slice(0, 1) };
    case 'Secret':
      return { ...authentication, secrets: authentication.secrets.slice(0, 1) };
    default:
      return authentication;
  }
}

/** Says that a token is in its Secret before it is: the Secret is written a moment later. */
const statusFirst = (): Plant => ({
  kube: (client, clock: FakeClock) =>
    overlay<KubeClient>(client, {
      create: async (kind, object, options) => {
        if ((object as { readonly type?: string }).type !== 'grantor.dev/token')
          return client.create(kind, object, options);
        void sleep(clock, seconds(2)).then(() => client.create(kind, object, options));
        const metadata = { ...object.metadata, uid: 'not-yet', resourceVersion: '999999' };
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

/** Schedules of people in haste: with each change they put a Secret of their own into a place that may just have become free. */
const inHaste = anySchedule.map(({ seed, steps }) => ({
  seed,
  steps: steps.flatMap((step): Step[] =>
    isUserStep(step) ? [{ foreignSecret: 'gone' }, { passes: 5 }, step, { foreignSecret: 'there' }] : [step],
  ),
}));

/** Schedules at whose end, when nothing else would bring it right, somebody changes clients at the issuer. */
const drifting = anySchedule.map(({ seed, steps }) => ({
  seed,
  steps: [...steps, { passes: 60 }, ...clientNames.map((drifted): Step => ({ drifted }))],
}));

/** A defect, the promise that it breaks, the schedules that show it, and within how many of them. */
type Row = readonly [string, () => Plant, Invariant, fc.Arbitrary<Schedule>, number];

const planted: readonly Row[] = [
  ['an operator that skips the mark', skipTheMark, 'one client for each OAuthClient', anySchedule, 300],
  ['one that leaves tokens alone', leaveTokensAlone, 'what is withdrawn is revoked', anySchedule, 200],
  ['one that sees no drift', seeNoDrift, 'all ends as it would without trouble', drifting, 50],
  ['one that forgets a former credential', forgetTheFormer, 'credentials work', anySchedule, 50],
  ['one that tells before it writes', statusFirst, 'Ready is told of what is there', anySchedule, 20],
  [
    'one that looks at no precondition',
    dropThePrecondition,
    'Secrets of others are left alone',
    inHaste,
    300,
  ],
  ['one that forgets the lease', forgetTheLease, 'only the leader acts', anySchedule, 20],
];

describe('the simulation finds', { timeout: 240_000 }, () => {
  it.each(planted)('%s', async (_, plant, invariant, schedules, numRuns) => {
    const property = fc.asyncProperty(schedules, async (schedule) => {
      const violations = await simulate(schedule, { issuer: 'idempotent', plant: plant() });
      return !violations.some((violation) => violation.invariant === invariant);
    });
    const { failed } = await fc.check(property, { numRuns, seed: 1, endOnFailure: true });
    expect(failed).toBe(true);
  });
});

/** The same port with some of its calls replaced. */
const overlay = <T extends object>(port: T, calls: Partial<T>): T =>
  new Proxy(port, { get: (_, name) => Reflect.get(name in calls ? calls : port, name) as unknown });
