import type { KubeClient, ListPage, Selection, WatchStream } from '../kube/kube-client.ts';
import type { KubeFailure } from '../kube/kube-failure.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import type { Duration } from '../std/duration.ts';
import type { Result } from '../std/result.ts';

/** Where a reflector's objects come from. */
export interface ListWatch {
  list(signal: AbortSignal): AsyncGenerator<Result<ListPage, KubeFailure>, void, undefined>;
  /** Without a version it begins with everything that there is (`WatchOptions.resourceVersion`). */
  watch(
    resourceVersion: string | undefined,
    lasting: Duration,
    signal: AbortSignal,
  ): Promise<Result<WatchStream, KubeFailure>>;
}

/** The objects of a kind that `selection` lets through. */
export const listWatchOf = (
  client: Pick<KubeClient, 'list' | 'watch'>,
  kind: ResourceKind,
  selection: Selection = {},
): ListWatch => ({
  list: (signal) => client.list(kind, { ...selection, signal }),
  watch: (resourceVersion, lasting, signal) =>
    client.watch(kind, { ...selection, resourceVersion, lasting, signal }),
});
