import { IssuerRegistry } from '../issuance/issuer-registry.ts';
import { createTokenIssuer } from '../issuers/token-issuer.ts';
import { createNamespacedStore } from '../node/namespaced-store.ts';
import { createNodeWorld } from '../node/node-world.ts';
import { createPlugIn, kubeletPaths } from '../node/plug-in.ts';
import { isPodThere } from '../node/pod-directory.ts';
import { createPodEvents } from '../node/pod-events.ts';
import { PodTokens } from '../node/pod-tokens.ts';
import { VolumeManager } from '../node/volume-manager.ts';
import { createEventSender } from '../runtime/event-sender.ts';
import { createManager } from '../runtime/manager.ts';
import { runtimeMetrics } from '../runtime/runtime-metrics.ts';
import { aborted, systemClock } from '../std/clock.ts';
import { OperatorError } from '../std/operator-error.ts';
import { systemRng } from '../std/rng.ts';
import { createAudit } from '../telemetry/audit.ts';
import { grantorMetrics } from '../telemetry/grantor-metrics.ts';
import { createLog } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { startProbeServer } from '../telemetry/probe-server.ts';
import { startTracing } from '../telemetry/tracing.ts';
import { endlessWait } from './cluster-lacks.ts';
import { connectToCluster } from './connect-to-cluster.ts';
import { driverOptions } from './driver-options.ts';
import type { NodeFlags } from './node-flags.ts';
import { version } from './version.ts';

/**
 * The plug-in of a node, with all that it needs of the machine, until `stop` aborts. Throws an `OperatorError` for a flag that is wrong,
 * or a machine on which it cannot work.
 */
export async function runNode(flags: NodeFlags, stop: AbortSignal): Promise<void> {
  const { nodeName: node, kubeletDir: kubeletDirectory } = flags;
  const log = createLog(flags.logLevel);
  const metrics = createMetrics({ ...runtimeMetrics, ...grantorMetrics });
  metrics.set('grantor_build_info', { component: 'node', version }, 1);
  const clock = systemClock;
  const tracing = await startTracing({
    ...{ service: 'grantor-node', version, environment: process.env },
    ...{ clock, rng: systemRng, log },
  });
  const { tracer } = tracing;
  const common = { clock, rng: systemRng, log, metrics, tracer };
  const { kube, server, namespace } = await connectToCluster(flags, tracer);

  const world = createNodeWorld(kube, common);
  const cluster = flags.clusterId === undefined ? '' : `/clusters/${flags.clusterId}`;
  const sender = createEventSender({ ...common, kube });
  const paths = kubeletPaths(kubeletDirectory);
  const issuers = new IssuerRegistry({
    kube,
    namespace,
    makeDriver: (issuer, caBundle) =>
      createTokenIssuer(
        issuer.spec.driver,
        driverOptions(common, issuer, issuer.spec.limits.perNode, caBundle),
      ),
  });
  const volumes = new VolumeManager({
    ...common,
    world,
    issuers,
    node,
    store: createNamespacedStore({ directory: paths.plugIn, podsDirectory: paths.pods }),
    tokens: new PodTokens(),
    events: createPodEvents({ ...common, sender, node }),
    audit: createAudit({ ...common, source: `${cluster}/nodes/${node}` }),
    isPodThere,
  });
  const plugIn = createPlugIn({ kubeletDirectory, nodeName: node, version, volumes, log, clock, tracer });
  const manager = createManager({
    servers: [
      sender,
      { name: 'volumes', run: (signal) => volumes.run(signal) },
      endlessWait(Object.values(world), clock),
    ],
    informers: Object.values(world),
    controllers: [],
    clock,
    log,
  });

  const probes = await startProbeServer({
    ...flags.probes,
    metrics,
    notReady: () => [...plugIn.notReady(), ...manager.readiness().reasons],
    unhealthy: () => plugIn.unhealthy(),
  });
  log.info({ version, server, namespace, node, kubelet: kubeletDirectory, probes: probes.url }, 'starting');

  const opened = await volumes.open();
  if (!opened.ok) throw new OperatorError('NODE_STORE', `--kubelet-dir: ${opened.error.detail}`);
  await plugIn.start();
  // The kubelet is the first to know: it calls for nothing that is then cut off.
  const left = aborted(stop).then(() => plugIn.stop());
  await manager.run(stop);
  await left;
  await issuers.close();
  await probes.close();
  await kube.close();
  await tracing.stop();
  log.info({}, 'stopped');
}
