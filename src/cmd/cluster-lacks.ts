import type { KubeFailure } from '../kube/kube-failure.ts';
import type { Informer } from '../runtime/informer.ts';
import type { Runnable } from '../runtime/manager.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import { between, type Instant } from '../std/instant.ts';
import { OperatorError } from '../std/operator-error.ts';

/** API servers that have just started refuse what they allow a moment later, and kinds may be installed beside the program. */
const patience = seconds(20);

type Failure = Pick<KubeFailure, 'kind' | 'message'>;
type Followed = Pick<Informer<never>, 'health' | 'hasSynced'>;

/** What a cluster lacks that no waiting mends, from failures as they come; undefined while there is hope. */
export class ClusterLacks {
  #since: Instant | undefined;

  /** Takes what keeps a program from beginning at `now`; an API server that is away is not of that sort. */
  after(failure: Failure | undefined, now: Instant): OperatorError | undefined {
    const lack = failure && lackOf(failure);
    if (lack === undefined) {
      this.#since = undefined;
      return undefined;
    }
    this.#since ??= now;
    return between(this.#since, now) < patience ? undefined : lack;
  }
}

/** Rejects where informers can never sync, and ends once all have. */
export const endlessWait = (informers: readonly Followed[], clock: Clock): Runnable => ({
  name: 'first reading',
  async run(signal) {
    const lacks = new ClusterLacks();
    while (!informers.every((informer) => informer.hasSynced())) {
      if (!(await sleep(clock, seconds(1), signal))) return;
      const lack = lacks.after(firstFailure(informers), clock.now());
      if (lack !== undefined) throw lack;
    }
  },
});

function firstFailure(informers: readonly Followed[]): Failure | undefined {
  const failures = informers.flatMap(({ health }): Failure[] => {
    const { synced, problem, failure } = health();
    return synced || problem === undefined || failure === undefined
      ? []
      : [{ kind: failure, message: problem }];
  });
  return failures.find((failure) => lackOf(failure) !== undefined);
}

function lackOf({ kind, message }: Failure): OperatorError | undefined {
  switch (kind) {
    case 'notFound':
      return new OperatorError(
        'KUBE_KINDS',
        `the cluster does not serve Grantor's kinds (${message}); install them with the chart, or by: kubectl apply --server-side -f crds/`,
      );
    case 'forbidden':
      return new OperatorError(
        'KUBE_RIGHTS',
        `a right is missing: ${message}; the chart gives it (docs/reference/rights.md)`,
      );
    default:
      return undefined;
  }
}
