import { readClusterIdentity } from '../../src/cmd/cluster-identity.ts';
import type { ControllerFlags } from '../../src/cmd/controller-flags.ts';
import { createOperator } from '../../src/cmd/operator.ts';
import type { SecretNamespaces } from '../../src/controllers/secret-delivery.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import type { RuntimeMetrics } from '../../src/runtime/runtime-metrics.ts';
import type { Clock } from '../../src/std/clock.ts';
import type { Rng } from '../../src/std/rng.ts';
import type { GrantorMetrics } from '../../src/telemetry/grantor-metrics.ts';
import type { Log } from '../../src/telemetry/log.ts';
import { checked } from '../audit/audit-lines.ts';
import { ownNamespace } from './manifests.ts';

/** What one process is started with. */
export interface ProcessParts {
  readonly identity: string | undefined;
  readonly kube: KubeClient;
  readonly driver: IssuerDriver;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly secretNamespaces: SecretNamespaces;
}

const metrics: RuntimeMetrics & Pick<GrantorMetrics, 'count' | 'observe'> = {
  count: () => {},
  set: () => {},
  drop: () => {},
  observe: () => {},
};

/** `grantor controller` from its start to its end, as src/cmd/controller.ts does it: all but flags, probes and signals. */
export async function runProcess({ driver, ...parts }: ProcessParts, stop: AbortSignal): Promise<void> {
  const identity = await readClusterIdentity(parts.kube, {} as ControllerFlags, parts, stop, () => {});
  if (identity === undefined) return;
  const operator = createOperator({
    ...parts,
    ...identity,
    metrics,
    ownNamespace,
    createDriver: () => driver,
    audit: checked,
  });
  await operator.run(stop);
}
