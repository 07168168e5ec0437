import fc from 'fast-check';

/** The last one runs as another ServiceAccount than the binding is for. */
export const podNames = ['web-0', 'web-1', 'web-2', 'stranger'] as const;
export type PodName = (typeof podNames)[number];

/** What an issuer does with a request: answer, at once or late; refuse; lose its answer; nothing. */
export type IssuerWeather = 'fine' | 'slow' | 'refuses' | 'loses' | 'hangs' | 'away';

export type Step =
  /** Time passes, in seconds. */
  | { readonly passes: number }
  /** `vanishes`: its folder goes, and the kubelet has forgotten its volumes. */
  | { readonly pod: PodName; readonly to: 'starts' | 'goes' | 'vanishes' }
  /** What the controller makes of the binding. `later`: it is withdrawn after a minute. */
  | { readonly grant: 'given' | 'another' | 'none' | 'withdrawn' | 'later' | 'gone' | 'anew' }
  | { readonly tenant: 'suspended' | 'resumed' | 'changed' }
  /** The ServiceAccount is deleted and created again; issuer and controller follow. */
  | { readonly account: 'anew' }
  | { readonly issuer: IssuerWeather }
  | { readonly watches: 'held' | 'flowing' }
  /** The API server answers nobody. */
  | { readonly api: 'away' | 'back' }
  | { readonly store: 'fails' | 'works' }
  | { readonly clockJumps: number }
  /** At the n-th point from now, each call at store and issuer having one before and one after it; back after so many seconds. */
  | { readonly kill: number; readonly back: number }
  | { readonly stop: 'gracefully'; readonly back: number };

export interface Schedule {
  readonly seed: number;
  readonly singleUse: boolean;
  readonly steps: readonly Step[];
}

const of = <const T>(...values: readonly T[]) => fc.constantFrom(...values);
const back = fc.integer({ min: 0, max: 90 });

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      passes: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 10, max: 400 })),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ pod: of(...podNames), to: of('starts', 'starts', 'starts', 'goes', 'vanishes') }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      grant: of('given', 'given', 'another', 'none', 'withdrawn', 'later', 'gone', 'anew'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ tenant: of('suspended', 'resumed', 'changed') }) },
  { weight: 1, arbitrary: fc.record({ account: of('anew') }) },
  { weight: 4, arbitrary: fc.record({ issuer: of('fine', 'slow', 'refuses', 'loses', 'hangs', 'away') }) },
  { weight: 2, arbitrary: fc.record({ watches: of('held', 'flowing') }) },
  { weight: 2, arbitrary: fc.record({ api: of('away', 'back') }) },
  { weight: 1, arbitrary: fc.record({ store: of('fails', 'works') }) },
  { weight: 1, arbitrary: fc.record({ clockJumps: fc.integer({ min: -20, max: 20 }) }) },
  { weight: 5, arbitrary: fc.record({ kill: fc.integer({ min: 0, max: 12 }), back }) },
  { weight: 1, arbitrary: fc.record({ stop: of('gracefully'), back }) },
);

export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.integer(),
  singleUse: fc.boolean(),
  steps: fc.array(anyStep, { minLength: 3, maxLength: 25, size: 'max' }),
});
