import type { KubeClient } from '../kube/kube-client.ts';
import type { Clock } from '../std/clock.ts';
import type { Duration } from '../std/duration.ts';
import type { Terminal } from './terminal.ts';

/** What every command works with. */
export interface Session {
  readonly kube: KubeClient;
  readonly clock: Clock;
  readonly terminal: Terminal;
  /** Where to look; undefined for all namespaces. */
  readonly namespace: string | undefined;
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
