import type { Schedule } from './steps.ts';

/** Schedules that once found something. */
export const knownSchedules: readonly Schedule[] = [
  // A countdown ended while the ServiceAccount token was spent, and nobody looked.
  {
    seed: 0,
    singleUse: true,
    steps: [{ pod: 'web-0', to: 'starts' }, { grant: 'later' }, { passes: 72 }],
  },
  // What could not be removed kept its token past its end.
  {
    seed: 0,
    singleUse: false,
    steps: [
      { pod: 'web-0', to: 'starts' },
      { store: 'fails' },
      { pod: 'web-0', to: 'vanishes' },
      { passes: 229 },
      { store: 'works' },
      { passes: 400 },
    ],
  },
  // Killed between two steps of emptying a volume, and granted again meanwhile.
  ...[0, 1, 2, 3, 4].map(
    (kill): Schedule => ({
      seed: 0,
      singleUse: false,
      steps: [
        { pod: 'web-0', to: 'starts' },
        { passes: 5 },
        { kill, back: 1 },
        { grant: 'withdrawn' },
        { grant: 'given' },
        { passes: 30 },
      ],
    }),
  ),
];
