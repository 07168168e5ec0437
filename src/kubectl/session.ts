import type { KubeClient } from '../kube/kube-client.ts';
import type { PeoplesCalls } from '../kube/peoples-calls.ts';
import type { Clock } from '../std/clock.ts';
import type { Duration } from '../std/duration.ts';
import type { Terminal } from './terminal.ts';

/** What every command works with. */
export interface Session {
  readonly kube: KubeClient & PeoplesCalls;
  readonly clock: Clock;
  readonly terminal: Terminal;
  /** Where to look; undefined for all namespaces. */
  readonly namespace: string | undefined;
  /** Whether the person named it, rather than the context. */
  readonly namespaceNamed: boolean;
  /** For each call. */
  readonly timeout: Duration;
  /** Aborts when somebody presses Ctrl-C. */
  readonly stop: AbortSignal;
}

/** What bounds a call of a session. */
export const boundsOf = ({ timeout, stop }: Session): { timeout: Duration; signal: AbortSignal } => ({
  timeout,
  signal: stop,
});

/** For a look from an object: one that lies in no namespace has to do with all of them, unless somebody names one. */
export const seenFrom = (session: Session, { namespaced }: { readonly namespaced: boolean }): Session =>
  namespaced || session.namespaceNamed ? session : { ...session, namespace: undefined };
