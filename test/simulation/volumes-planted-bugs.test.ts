import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PodTokens } from '../../src/node/pod-tokens.ts';
import type { StoredVolume, VolumeStore } from '../../src/node/volume-store.ts';
import { sleep } from '../../src/std/clock.ts';
import { hours, seconds } from '../../src/std/duration.ts';
import { plus } from '../../src/std/instant.ts';
import { err, ok } from '../../src/std/result.ts';
import type { NodePorts } from '../gen/a-node.ts';
import { type Plant, simulateVolumes } from './volumes/simulate.ts';
import { anySchedule, type Schedule } from './volumes/steps.ts';
import type { Promised } from './volumes/watchman.ts';

const withStore =
  (calls: (store: VolumeStore, ports: NodePorts) => Partial<VolumeStore>): NonNullable<Plant['ports']> =>
  (ports) => ({ ...ports, store: overlay(ports.store, calls(ports.store, ports)) });

/** Shows what one pod brought for every pod. */
class SharedTokens extends PodTokens {
  #first: string | undefined;

  override take(...[podUID, tokens]: Parameters<PodTokens['take']>): void {
    this.#first ??= podUID;
    super.take(podUID, tokens);
  }

  override lend(...[, audience, singleUse]: Parameters<PodTokens['lend']>) {
    return super.lend(this.#first ?? '', audience, singleUse);
  }
}

/** Shows a ServiceAccount token again, whatever the issuer thinks of it. */
class CarelessTokens extends PodTokens {
  override lend(...[podUID, audience]: Parameters<PodTokens['lend']>) {
    return super.lend(podUID, audience, false);
  }
  override proof(...given: Parameters<PodTokens['proof']>) {
    const proof = super.proof(...given);
    return proof.kind === 'given' ? { ...proof, spent: false } : proof;
  }
}

const forgetful = (stored: StoredVolume): StoredVolume => {
  if (stored.state === undefined) return stored;
  const { delivered: _, ...state } = stored.state;
  return { ...stored, state };
};

const immortal = (stored: StoredVolume): StoredVolume => {
  const { delivered, ...state } = stored.state ?? {};
  if (stored.state === undefined || delivered === undefined) return stored;
  const expiresAt = plus(delivered.expiresAt, hours(1));
  return {
    volumeID: stored.volumeID,
    state: { ...stored.state, ...state, delivered: { ...delivered, expiresAt } },
  };
};

/** Schedules that begin with a pod that has its token, and a plug-in that is replaced. */
const replaced = anySchedule.map(({ steps, ...rest }): Schedule => {
  const begin = [{ pod: 'web-0', to: 'starts' }, { passes: 20 }, { stop: 'gracefully', back: 0 }] as const;
  return { ...rest, steps: [...begin, { passes: 100 }, ...steps] };
});

/** A defect, the promise that it breaks, and within how many schedules. */
type Row = readonly [string, Plant, Promised, fc.Arbitrary<Schedule>, number];

const planted: readonly Row[] = [
  [
    'leaves files where it says that it took them away',
    { ports: withStore(() => ({ clear: async () => ok(undefined) })) },
    'what is withdrawn goes within five seconds',
    anySchedule,
    200,
  ],
  [
    'keeps the token with the state',
    {
      ports: withStore((store) => {
        const tokens = new Map<string, string | undefined>();
        return {
          write: (id, files, access) => {
            tokens.set(id, files['token']);
            return store.write(id, files, access);
          },
          save: (state) =>
            store.save({
              ...state,
              binding: state.binding,
              ...({ token: tokens.get(state.volumeID) } as object),
            }),
        };
      }),
    },
    'the state holds no token',
    anySchedule,
    50,
  ],
  [
    'mounts before it writes',
    {
      ports: withStore((store, { clock }) => ({
        write: async (id, files, access) => {
          void sleep(clock, seconds(2)).then(() => store.write(id, files, access));
          return ok(undefined);
        },
      })),
    },
    'no pod starts with an empty volume',
    anySchedule,
    50,
  ],
  [
    'forgets its schedule when it starts',
    {
      ports: withStore((store) => ({
        clear: async () => ok(undefined),
        open: async () => {
          const stored = await store.open();
          return stored.ok ? ok(stored.value.map(forgetful)) : stored;
        },
      })),
    },
    'no request that is not due',
    replaced,
    20,
  ],
  [
    'shows the token of one pod for another',
    { ports: (ports) => ({ ...ports, tokens: new SharedTokens() }) },
    'a pod has the token that was obtained for it',
    anySchedule,
    100,
  ],
  [
    'looks for nothing that was left behind',
    { ports: (ports) => ({ ...ports, isPodThere: async () => true }) },
    'no volume without its pod',
    anySchedule,
    100,
  ],
  [
    'is careless with what may be shown once',
    { ports: (ports) => ({ ...ports, tokens: new CarelessTokens() }) },
    'an assertion for single use is shown once',
    anySchedule,
    200,
  ],
  [
    'tells the kubelet of its troubles',
    {
      connect: ({ volumes, lost }, weather) => ({
        lost,
        volumes: {
          publish: async (request, signal) => {
            const done = await volumes.publish(request, signal);
            return weather() === 'away' ? err({ code: 'Unavailable', message: 'the issuer is away' }) : done;
          },
          unpublish: (...given) => volumes.unpublish(...given),
          overlook: (...given) => volumes.overlook(...given),
        },
      }),
    },
    'a repeated call never fails',
    anySchedule,
    200,
  ],
  [
    'believes that tokens live for ever',
    {
      ports: withStore((store) => ({
        open: async () => {
          const stored = await store.open();
          return stored.ok ? ok(stored.value.map(immortal)) : stored;
        },
      })),
    },
    'no token is served past its end',
    anySchedule,
    600,
  ],
];

describe('the simulation of volumes finds a plug-in that', { timeout: 240_000 }, () => {
  it.each(planted)('%s', async (_, plant, promise, schedules, numRuns) => {
    const property = fc.asyncProperty(schedules, async (schedule) => {
      const violations = await simulateVolumes(schedule, plant);
      return !violations.some((violation) => violation.promise === promise);
    });
    const { failed } = await fc.check(property, { numRuns, seed: 1, endOnFailure: true });
    expect(failed).toBe(true);
  });
});

/** The same port with some of its calls replaced. */
const overlay = <T extends object>(port: T, calls: Partial<T>): T =>
  new Proxy(port, {
    get: (_, name) => {
      const from = name in calls ? calls : port;
      const member = Reflect.get(from, name) as unknown;
      return typeof member === 'function' ? (member as (...given: unknown[]) => unknown).bind(from) : member;
    },
  });
