import type { KubeClient } from '../kube/kube-client.ts';
import type { KubeFailure } from '../kube/kube-failure.ts';
import type { Stored } from '../kube/objects.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { milliseconds, seconds } from '../std/duration.ts';
import { err, type Result } from '../std/result.ts';
import type { Rng } from '../std/rng.ts';
import { type Lease, leaseKind, newLease, released, renewed, takenBy } from './lease.ts';
import type { Log } from './log.ts';
import { observeLease } from './observe-lease.ts';
import { isOlder } from './resource-version.ts';
import type { RuntimeMetrics } from './runtime-metrics.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

export interface LeaderOptions {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Of this process: no two may ever share it, so make it from the pod's name and a UUID. */
  readonly identity: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
}

/** The time in which this process leads. */
export interface Term {
  /** Aborts when the lease is lost: it then may be another's, at the latest four seconds later. */
  readonly signal: AbortSignal;
  /** Gives the lease back, so that the next leader need not wait for it to expire. Aborts `signal` first. */
  release(): Promise<void>;
}

export interface LeaderElector {
  /**
   * Calls `handler` when the server shows an older version of the lease than before. It was restored from a backup then: a watch that
   * goes on from a version beyond it hears nothing, and later what comes under the versions that are given again, as if all were well.
   */
  onRestored(handler: () => void): void;
  /** Waits for the lease, for ever; nothing once `signal` aborts. */
  acquire(signal: AbortSignal): Promise<Term | undefined>;
  /** For readiness and logs. */
  status(): {
    readonly leading: boolean;
    readonly holder: string | undefined;
    readonly problem: string | undefined;
  };
}

/** For others, the lease ends this long after they saw it renewed for the last time. */
const leaseDuration = seconds(12);
/** We stop this long after the last successful renewal was sent: four seconds before anyone else may begin. */
const renewDeadline = seconds(8);
/** Half the deadline, as in client-go: a call that hangs leaves time for another. */
const callTimeout = seconds(4);
/** Between renewals. */
const retryPeriod = seconds(2);
/** After a renewal that failed: each second counts now. */
const hurriedPeriod = milliseconds(500);
/** Between looks at another's lease, so that one that was given back is taken well within 2 s. */
const lookPeriod = milliseconds(1500);

/**
 * Leader election by Lease, as client-go does it: times of others are never compared, only how long *we* have seen a lease
 * unchanged. All waiting is by timers, which don't jump when someone corrects the machine's clock.
 */
export function createLeaderElector(options: LeaderOptions): LeaderElector {
  const { client, namespace, name, identity, clock, rng, log, metrics } = options;
  const at = { namespace, name };
  let leading = false;
  let holder: string | undefined;
  let problem: string | undefined;
  let version = '0';
  let restored = (): void => {};

  const report = (failure: KubeFailure | undefined): void => {
    if (failure !== undefined && problem === undefined) {
      log.warn({ lease: name, error: failure.message }, 'the lease is out of reach');
    }
    problem = failure?.message;
  };
  /** Takes note of what the server says of the lease. It is asked, and written to, by one call after the other. */
  const noted = (answer: Result<Stored<Lease>, KubeFailure>): typeof answer => {
    if (!answer.ok) return answer;
    const { resourceVersion } = answer.value.metadata;
    if (isOlder(resourceVersion, version) === true) {
      log.warn({ lease: name, version, now: resourceVersion }, 'the API server was restored; reading anew');
      restored();
    }
    version = resourceVersion;
    return answer;
  };
  /** One attempt. `isExpired` knows how long a lease has been seen unchanged. */
  const tryToTake = async (
    isExpired: (lease: Stored<Lease>) => boolean,
    signal: AbortSignal,
  ): Promise<Stored<Lease> | undefined> => {
    const call = { signal, timeout: callTimeout };
    const found = noted(await client.get<Lease>(leaseKind, at, call));
    let taken: Result<Stored<Lease>, KubeFailure>;
    if (found.ok) {
      holder = found.value.spec?.holderIdentity ?? '';
      report(undefined);
      if (holder !== '' && holder !== identity && !isExpired(found.value)) return undefined;
      taken = noted(
        await client.replace(leaseKind, takenBy(found.value, identity, leaseDuration, clock.now()), call),
      );
    } else if (found.error.kind === 'notFound') {
      taken = noted(await client.create(leaseKind, newLease(at, identity, leaseDuration, clock.now()), call));
    } else taken = found;
    if (taken.ok) return taken.value;
    const lostRace = taken.error.kind === 'conflict' || taken.error.kind === 'alreadyExists';
    if (!lostRace && !signal.aborted) report(taken.error);
    return undefined;
  };

  /** Renews once. A conflict may be the echo of our own renewal whose answer was lost: whoever is written there decides. */
  const renew = async (
    lease: Stored<Lease>,
    signal: AbortSignal,
  ): Promise<Result<Stored<Lease>, KubeFailure>> => {
    const call = { signal, timeout: callTimeout };
    const answer = noted(await client.replace(leaseKind, renewed(lease, clock.now()), call));
    if (answer.ok || answer.error.kind !== 'conflict') return answer;
    const found = noted(await client.get<Lease>(leaseKind, at, call));
    if (!found.ok) return found;
    if (found.value.spec?.holderIdentity !== identity)
      return err({ kind: 'conflict', message: 'another holds it' });
    const again = noted(await client.replace(leaseKind, renewed(found.value, clock.now()), call));
    // Whoever else writes to it, it is still ours; how long that may go on is for the watchdog to say.
    return again.ok || again.error.kind !== 'conflict' ? again : err({ ...again.error, kind: 'unavailable' });
  };

  const hold = (taken: Stored<Lease>, watchdog: Watchdog): Term => {
    const returned = new AbortController();
    const over = AbortSignal.any([watchdog.signal, returned.signal]);
    let lease = taken;
    let wait = retryPeriod;

    const keep = async (): Promise<void> => {
      while (await sleep(clock, wait, over)) {
        const attempt = watchdog.attempt();
        // Not cut short when the lease is returned: returning needs the version that this renewal makes.
        const answer = await renew(lease, watchdog.signal);
        if (answer.ok) {
          attempt.confirm();
          lease = answer.value;
          wait = retryPeriod;
          report(undefined);
          continue;
        }
        attempt.dismiss();
        wait = hurriedPeriod;
        if (watchdog.signal.aborted) return;
        report(answer.error);
        if (answer.error.kind === 'conflict' || answer.error.kind === 'notFound') watchdog.bite();
      }
    };

    const end = (message: string): void => {
      if (!leading) return;
      leading = false;
      metrics.set('leader_election_master_status', { name }, 0);
      log.info({ lease: name, problem }, message);
    };
    leading = true;
    holder = identity;
    metrics.set('leader_election_master_status', { name }, 1);
    log.info({ lease: name, identity }, 'leading');
    watchdog.signal.addEventListener('abort', () => end('leadership lost'), { once: true });
    const kept = keep();
    return {
      signal: watchdog.signal,
      async release() {
        returned.abort();
        await kept;
        if (watchdog.signal.aborted) return;
        end('leadership given back');
        watchdog.bite();
        const answer = await client.replace(leaseKind, released(lease, clock.now()), {
          timeout: retryPeriod,
        });
        if (!answer.ok)
          log.warn({ lease: name, error: answer.error.message }, 'the lease could not be given back');
      },
    };
  };

  return {
    onRestored(handler) {
      restored = handler;
    },
    async acquire(signal) {
      const observation = observeLease(clock);
      try {
        while (!signal.aborted) {
          const watchdog = createWatchdog(clock, renewDeadline);
          const attempt = watchdog.attempt();
          const lease = await tryToTake(observation.isExpired, signal);
          attempt.confirm();
          if (lease !== undefined && !watchdog.signal.aborted) return hold(lease, watchdog);
          watchdog.stop();
          await sleep(clock, milliseconds(lookPeriod * (1 - rng.next() / 4)), signal);
        }
        return undefined;
      } finally {
        observation.stop();
      }
    },
    status: () => ({ leading, holder, problem }),
  };
}
