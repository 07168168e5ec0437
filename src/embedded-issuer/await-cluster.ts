import { type Clock, deadline, sleep } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import type { ClusterKeys } from './cluster-keys.ts';
import type { IssuerLog } from './issuer-log.ts';

const betweenTries = seconds(5);

/**
 * Asks a trusted cluster who it is, until it says so and is who it should be. Whatever keeps it from that is told once: tokens of the cluster
 * are not accepted until then. The function that is returned ends it.
 */
export function awaitCluster(
  keys: ClusterKeys,
  { clock, log }: { readonly clock: Clock; readonly log: IssuerLog },
): () => void {
  const stop = new AbortController();
  void (async () => {
    for (let told: string | undefined; !stop.signal.aborted; await sleep(clock, betweenTries, stop.signal)) {
      const error_detail = await identify(keys, clock, stop.signal);
      if (stop.signal.aborted) return;
      if (error_detail === undefined) {
        log.info({ event: 'cluster.trusted', cluster: keys.issuer }, 'accepting the tokens of a cluster');
        return;
      }
      if (error_detail !== told)
        log.error(
          { event: 'cluster.unknown', cluster: keys.issuer, error_detail },
          'the tokens of a cluster are not accepted before it says who it is; trying again',
        );
      told = error_detail;
    }
  })();
  return () => stop.abort();
}

/** What kept the cluster from saying who it is. */
async function identify(keys: ClusterKeys, clock: Clock, signal: AbortSignal): Promise<string | undefined> {
  const limit = deadline(clock, betweenTries, signal);
  try {
    await keys.identify(limit.signal);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown error';
  } finally {
    limit.dispose();
  }
}
