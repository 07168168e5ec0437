import { PodCounts } from '../controllers/binding/pod-counts.ts';
import { Revocations } from '../controllers/binding/revocations.ts';
import { ServiceAccountTokens } from '../controllers/binding/service-account-tokens.ts';
import { Consumers } from '../controllers/client/consumers.ts';
import { FirstSeen } from '../controllers/client/first-seen.ts';
import { Looks } from '../controllers/client/looks.ts';
import { RotationTurns } from '../controllers/client/rotation-turns.ts';
import type { Environment } from '../controllers/environment.ts';
import { createEventRecorder } from '../controllers/events/event-recorder.ts';
import { tellingActs } from '../controllers/events/tell-acts.ts';
import { type DriverFactory, driverInput } from '../controllers/issuer/driver-input.ts';
import { OwnServiceAccount } from '../controllers/issuer/own-service-account.ts';
import { unreadyIssuers } from '../controllers/lookups.ts';
import { createSecretDelivery, type SecretNamespaces } from '../controllers/secret-delivery.ts';
import { Census } from '../controllers/tenant/census.ts';
import type { InformerEnvironment } from '../controllers/tenant-secrets.ts';
import { createControllers } from '../controllers/wiring.ts';
import { createWorld, type World } from '../controllers/world.ts';
import { IssuerRegistry } from '../issuance/issuer-registry.ts';
import { createEventSender } from '../runtime/event-sender.ts';
import { createLeaderElector } from '../runtime/leader.ts';
import { createManager, type Readiness } from '../runtime/manager.ts';
import type { RuntimeMetrics } from '../runtime/runtime-metrics.ts';
import { minutes } from '../std/duration.ts';
import type { Tracer } from '../std/tracer.ts';
import type { GrantorMetrics } from '../telemetry/grantor-metrics.ts';
import { endlessWait } from './cluster-lacks.ts';

/** What the operator is put together from: everything that reaches out of the process. */
export interface OperatorParts
  extends Pick<Environment, 'kube' | 'audit' | 'ownNamespace' | 'clusterID' | 'serviceAccountIssuer'>,
    InformerEnvironment {
  readonly secretNamespaces: SecretNamespaces;
  readonly createDriver: DriverFactory;
  readonly metrics: RuntimeMetrics & Pick<GrantorMetrics, 'count' | 'observe'>;
  /** Of the controller's own ServiceAccount, to log in with; without them the API server is asked. */
  readonly ownTokens?: Pick<OwnServiceAccount, 'assertion'>;
  /** Of this process among those that may lead; one without always leads. */
  readonly identity: string | undefined;
  readonly tracer?: Tracer;
}

/** The controllers of all kinds with all that they run on. */
export interface Operator {
  readonly world: World;
  /** What does not keep it from work, and whoever looks should see: one line each. */
  notes(): readonly string[];
  readiness(): Readiness;
  /** Works until `signal` aborts; rejects only if a part broke. */
  run(signal: AbortSignal): Promise<void>;
}

/** Puts the operator together; nothing is called before it runs. */
export function createOperator(parts: OperatorParts): Operator {
  const { kube, ownNamespace, createDriver, clock, rng, log, metrics, identity } = parts;
  const common = { clock, rng, log, metrics, ...(parts.tracer && { tracer: parts.tracer }) };
  const secretDelivery = createSecretDelivery(parts.secretNamespaces, kube, common);
  const world = createWorld(kube, ownNamespace, common, secretDelivery.secrets);
  const census = new Census(world, ownNamespace);
  const serviceAccountTokens = new ServiceAccountTokens(
    ({ uid, ...account }, audience, signal) =>
      kube.requestToken(account, { uid, audiences: [audience], expiration: minutes(10), signal }),
    clock,
  );
  const { ownTokens = new OwnServiceAccount(kube, { world, serviceAccountTokens, clock }) } = parts;
  const home = { kube, namespace: ownNamespace };
  const sources = { ...home, ownAssertion: (audience: string) => ownTokens.assertion(audience) };
  const issuers = new IssuerRegistry({
    ...home,
    makeDriver: (issuer, caBundle) => createDriver(driverInput(issuer, caBundle, sources)),
  });
  const revocations = new Revocations(clock);
  const looks = new Looks(world, clock);
  const consumers = new Consumers(kube, clock);
  const firstSeen = new FirstSeen(clock);
  const rotationTurns = new RotationTurns();
  const podCounts = new PodCounts();
  const sender = createEventSender({ ...common, kube });
  const events = createEventRecorder({ ...common, sender, instance: identity ?? 'grantor-controller' });
  const election = { ...common, client: kube, namespace: ownNamespace, name: 'grantor-controller' };
  const manager = createManager({
    servers: [sender, endlessWait(Object.values(world), clock)],
    informers: Object.values(world),
    controllers: [
      ...createControllers(
        {
          ...parts,
          audit: tellingActs(parts.audit, events, world),
          events,
          world,
          secretDelivery,
          census,
          issuers,
          serviceAccountTokens,
          revocations,
          looks,
          firstSeen,
          consumers,
          rotationTurns,
          podCounts,
        },
        common,
      ),
      revocations,
    ],
    clock,
    log,
    ...(identity === undefined ? {} : { elector: createLeaderElector({ ...election, identity }) }),
  });
  return {
    world,
    notes: () => [...unreadyIssuers(world), ...secretDelivery.problems()],
    readiness: () => manager.readiness(),
    async run(signal) {
      await manager.run(signal);
      await issuers.close();
    },
  };
}
