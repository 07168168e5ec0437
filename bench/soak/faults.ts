import { sleep, systemClock } from '../../src/std/clock.ts';
import { type Duration, seconds } from '../../src/std/duration.ts';
import { delaying, refusing } from '../../test/stage/api-proxy/fault.ts';
import { errorEvent } from '../../test/stage/api-proxy/rewrites.ts';
import type { ApiProxy } from '../../test/stage/api-proxy/start-api-proxy.ts';
import { answering, type IssuerProxy } from '../../test/stage/issuer-proxy.ts';
import { deckOf } from './random.ts';
import type { Replicas } from './replicas.ts';

/** What there is to spoil. */
export interface Ground {
  readonly api: ApiProxy;
  readonly issuer: IssuerProxy;
  readonly replicas: Replicas;
}

/** Something that goes wrong for a while, and is mended when this resolves. */
type Fault = (ground: Ground, lasting: Duration, stopped: AbortSignal) => Promise<void>;

/** Holds until what `begin` returns is called. */
const held =
  (begin: (ground: Ground) => () => unknown): Fault =>
  async (ground, lasting, stopped) => {
    const mend = begin(ground);
    await sleep(systemClock, lasting, stopped);
    await mend();
  };

/** Happens at once and every two seconds again. */
const repeated =
  (strike: (ground: Ground) => void): Fault =>
  async (ground, lasting, stopped) => {
    for (let left = lasting as number; left > 0 && !stopped.aborted; left -= seconds(2)) {
      strike(ground);
      await sleep(systemClock, seconds(2), stopped);
    }
  };

/** Lasts until another leads. */
const ending =
  (signal: 'SIGTERM' | 'SIGKILL'): Fault =>
  ({ replicas }, _lasting, stopped) =>
    replicas.endLeader(signal, stopped);

export const faults = {
  'API server unreachable': held(({ api }) => {
    api.refuse();
    return () => api.listen();
  }),
  'API server slow': held(({ api }) => api.fault({}, delaying(seconds(1)))),
  'API server answers 500': held(({ api }) => api.fault({}, refusing(500, 'InternalError'))),
  'API server answers 429': held(({ api }) =>
    api.fault({}, refusing(429, 'TooManyRequests', { retryAfter: seconds(2) })),
  ),
  'watches cut': repeated(({ api }) => {
    for (const watch of api.watches()) watch.cut('reset');
  }),
  'watches expired (410)': repeated(({ api }) => {
    for (const watch of api.watches()) watch.tell(errorEvent(410, 'Expired'));
  }),
  'issuer away': held(({ issuer }) =>
    issuer.fault({}, () => Promise.reject(new Error('nobody is there to answer'))),
  ),
  'issuer slow': held(({ issuer }) =>
    issuer.fault({}, async (forward) => {
      await sleep(systemClock, seconds(3));
      return forward();
    }),
  ),
  'issuer answers 429': held(({ issuer }) => issuer.fault({}, answering(429, {}, { 'retry-after': '5' }))),
  'leader killed (SIGKILL)': ending('SIGKILL'),
  'leader stopped (SIGTERM)': ending('SIGTERM'),
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];

const isOfLeader = (name: FaultName): boolean => name.startsWith('leader');

/** Faults for ever, drawn by chance: each comes once before any comes again, and each third ends a leader. */
export function* drawFaults(random: () => number): Generator<FaultName, never> {
  const outages = deckOf(
    faultNames.filter((name) => !isOfLeader(name)),
    random,
  );
  const endings = deckOf(faultNames.filter(isOfLeader), random);
  for (;;) {
    yield outages.next().value;
    yield outages.next().value;
    yield endings.next().value;
  }
}
