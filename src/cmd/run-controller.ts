import { hostname } from 'node:os';
import { OwnTokens } from '../controllers/issuer/own-tokens.ts';
import { runtimeMetrics } from '../runtime/runtime-metrics.ts';
import { systemClock } from '../std/clock.ts';
import { systemRng } from '../std/rng.ts';
import { createAudit } from '../telemetry/audit.ts';
import { grantorMetrics } from '../telemetry/grantor-metrics.ts';
import { createLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { startProbeServer } from '../telemetry/probe-server.ts';
import { startTracing } from '../telemetry/tracing.ts';
import { readClusterIdentity } from './cluster-identity.ts';
import { connectToCluster } from './connect-to-cluster.ts';
import type { ControllerFlags } from './controller-flags.ts';
import { driverFactory } from './driver-factory.ts';
import { createOperator } from './operator.ts';
import { showSurvey } from './show-survey.ts';
import { version } from './version.ts';
import { workloadCluster } from './workload-cluster.ts';

/** The controller, with all that it needs of the machine, until `stop` aborts. Throws an `OperatorError` for a flag or file that is wrong. */
export async function runController(flags: ControllerFlags, stop: AbortSignal): Promise<void> {
  const clock = systemClock;
  const rng = systemRng;
  const log = createLog(flags.logLevel);
  const metrics = createMetrics({ ...runtimeMetrics, ...grantorMetrics });
  metrics.set('grantor_build_info', { component: 'controller', version }, 1);
  const tracing = await startTracing({
    ...{ service: 'grantor-controller', version, environment: process.env },
    ...{ clock, rng, log },
  });
  const { tracer } = tracing;
  const common = { clock, rng, log, metrics, tracer };

  const { kube, server, namespace: ownNamespace } = await connectToCluster(flags, tracer);

  let notReady = (): readonly string[] => ['the API server was not reached yet'];
  let notes = (): readonly string[] => [];
  const probes = await startProbeServer({
    ...flags.probes,
    metrics,
    notReady: () => notReady(),
    notes: () => notes(),
  });
  log.info({ version, server, namespace: ownNamespace, probes: probes.url }, 'starting');

  const identity = await readClusterIdentity(kube, flags, common, stop, (problem) => {
    notReady = () => [problem];
  });
  if (identity !== undefined) {
    const operator = createOperator({
      ...common,
      ...identity,
      kube,
      ownNamespace,
      secretNamespaces: flags.secretNamespaces,
      createDriver: driverFactory(common, workloadCluster(kube, identity)),
      audit: createAudit({ source: `/clusters/${identity.clusterID}/controller`, clock, rng }),
      ...(flags.ownTokens === undefined ? {} : { ownTokens: new OwnTokens(flags.ownTokens, clock) }),
      identity: flags.leaderElect ? `${hostname()}_${rng.uuid()}` : undefined,
    });
    notReady = () => operator.readiness().reasons;
    // An issuer that is away is no reason to restart us, but whoever looks should see it.
    notes = () => operator.notes();
    await Promise.all([operator.run(stop), showSurvey(operator.world, common, stop)]);
  }
  await probes.close();
  await kube.close();
  await tracing.stop();
  log.info({}, 'stopped');
}
