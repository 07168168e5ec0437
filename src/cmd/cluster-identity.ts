import type { Environment } from '../controllers/environment.ts';
import { namespaceKind } from '../kube/core-kinds.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { KubeFailure } from '../kube/kube-failure.ts';
import { decorrelated } from '../std/backoff.ts';
import { type Clock, sleep } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Rng } from '../std/rng.ts';
import type { Log } from '../telemetry/log.ts';
import { ClusterLacks } from './cluster-lacks.ts';
import type { ControllerFlags } from './controller-flags.ts';

type ClusterIdentity = Pick<Environment, 'clusterID' | 'serviceAccountIssuer'>;

const backoff = { initial: seconds(1), max: seconds(30) };

/**
 * Who this cluster is, in words that issuers know. Asked for again, with back-off, until the API server answers; nothing if `stop`
 * aborts before that. Throws an `OperatorError` where that may not be read.
 */
export async function readClusterIdentity(
  kube: KubeClient,
  flags: ControllerFlags,
  { clock, rng, log }: { readonly clock: Clock; readonly rng: Rng; readonly log: Log },
  stop: AbortSignal,
  onProblem: (problem: string) => void,
): Promise<ClusterIdentity | undefined> {
  let wait = backoff.initial;
  const lacks = new ClusterLacks();
  while (!stop.aborted) {
    const identity = await read(kube, flags, stop);
    if (identity.ok) return identity.value;
    const lack = lacks.after(identity.error, clock.now());
    if (lack !== undefined) throw lack;
    onProblem(`waiting for the API server: ${identity.error.message}`);
    log.warn({ error: identity.error.message }, 'the API server does not answer; trying again');
    await sleep(clock, wait, stop);
    wait = decorrelated(backoff, wait, rng);
  }
  return undefined;
}

async function read(
  kube: KubeClient,
  { clusterId, serviceAccountIssuer }: ControllerFlags,
  signal: AbortSignal,
): Promise<Result<ClusterIdentity, Pick<KubeFailure, 'message' | 'kind'>>> {
  const system =
    clusterId === undefined ? await kube.get(namespaceKind, { name: 'kube-system' }, { signal }) : undefined;
  if (system !== undefined && !system.ok) return system;
  const discovery =
    serviceAccountIssuer === undefined
      ? await kube.getPath('/.well-known/openid-configuration', { signal })
      : undefined;
  if (discovery !== undefined && !discovery.ok) return discovery;
  const announced = (discovery?.value as { issuer?: unknown } | null | undefined)?.issuer;
  const issuer = serviceAccountIssuer ?? announced;
  if (typeof issuer !== 'string' || issuer === '') {
    return err({
      kind: 'malformed',
      message: 'its OIDC discovery names no issuer; use --service-account-issuer',
    });
  }
  return ok({ clusterID: clusterId ?? system?.value.metadata.uid ?? '', serviceAccountIssuer: issuer });
}
