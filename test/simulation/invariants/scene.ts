import type { Duration } from '../../../src/std/duration.ts';
import type { FakeApiServer } from '../../fakes/fake-api-server/fake-api-server.ts';
import type { Revision } from '../../fakes/fake-api-server/storage.ts';
import type { FakeClock } from '../../fakes/fake-clock.ts';
import type { FakeIssuerDriver } from '../../fakes/fake-issuer-driver.ts';
import type { Life } from '../life.ts';
import type { PortCall } from '../mortal-ports.ts';

/** What must hold in every run. */
export type Invariant =
  | 'one client for each OAuthClient'
  | 'no expired token is served'
  | 'no token is wider than its ceiling'
  | 'credentials work'
  | 'what is withdrawn is revoked'
  | 'only the leader acts'
  | 'Ready is told of what is there'
  | 'Secrets of others are left alone'
  | 'no hot loop'
  | 'nothing throws'
  | 'all ends as it would without trouble';

/** What a process is known by. */
export interface Actor {
  readonly identity: string;
  readonly life: Life;
}

/** What invariants look at, and where they report. */
export interface Scene {
  readonly clock: FakeClock;
  readonly server: FakeApiServer;
  readonly issuer: FakeIssuerDriver;
  /** Whether what changes now is the doing of people. */
  readonly byPeople: () => boolean;
  /** For how long a leader has been able to do its work: nothing is wrong any more, and the waits after failures are over. */
  readonly calmFor: () => Duration;
  /** For how long in all the API server has let nobody watch, so that what people had changed could not be heard of. */
  readonly unheardFor: () => Duration;
  readonly report: (invariant: Invariant, what: string) => void;
}

/** One invariant at work. */
export interface Watchman {
  /** At each change at the API server, as it happens. */
  changed?(revision: Revision): void;
  /** At each call of a process, as it leaves it. */
  leaves?(actor: Actor, call: PortCall): void;
  /** Every few seconds. */
  looks?(): void;
}

/** Reports what is wrong for longer than `limit` though nothing keeps the leader from mending it. */
export function lasting(
  scene: Scene,
  invariant: Invariant,
  limit: Duration,
): (wrong: ReadonlyMap<string, string>) => void {
  const since = new Map<string, number>();
  return (wrong) => {
    for (const key of since.keys()) if (!wrong.has(key)) since.delete(key);
    for (const [key, what] of wrong) {
      const began = since.get(key) ?? scene.clock.elapsed();
      since.set(key, began);
      if (scene.clock.elapsed() - began > limit && scene.calmFor() > limit) scene.report(invariant, what);
    }
  };
}
