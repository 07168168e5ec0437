import { createBindingReconciler } from '../../src/controllers/binding/binding-controller.ts';
import { createPodCount, PodCounts } from '../../src/controllers/binding/pod-counts.ts';
import { Revocations } from '../../src/controllers/binding/revocations.ts';
import { ServiceAccountTokens } from '../../src/controllers/binding/service-account-tokens.ts';
import { createClientReconciler } from '../../src/controllers/client/client-controller.ts';
import { Consumers } from '../../src/controllers/client/consumers.ts';
import { FirstSeen } from '../../src/controllers/client/first-seen.ts';
import { Looks } from '../../src/controllers/client/looks.ts';
import { RotationTurns } from '../../src/controllers/client/rotation-turns.ts';
import type { Environment } from '../../src/controllers/environment.ts';
import type { Events } from '../../src/controllers/events/event-recorder.ts';
import { tellingActs } from '../../src/controllers/events/tell-acts.ts';
import { createIssuerReconciler } from '../../src/controllers/issuer/issuer-controller.ts';
import { createSweep } from '../../src/controllers/issuer/sweep-issuer.ts';
import { Census } from '../../src/controllers/tenant/census.ts';
import { createTenantScopeReconciler } from '../../src/controllers/tenant/tenant-scope-controller.ts';
import { createWorld, type World } from '../../src/controllers/world.ts';
import type { SecretReach } from '../../src/domain/secret-reach.ts';
import { IssuerRegistry } from '../../src/issuance/issuer-registry.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject, Stored } from '../../src/kube/objects.ts';
import type { ReconcileContext } from '../../src/runtime/controller.ts';
import type { Outcome } from '../../src/runtime/outcome.ts';
import { type Duration, formatDuration, minutes } from '../../src/std/duration.ts';
import type { AuditEvent } from '../../src/telemetry/audit.ts';
import { checked } from '../audit/audit-lines.ts';
import { FakeApiServer, serviceAccountIssuer } from '../fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeIssuerDriver } from '../fakes/fake-issuer-driver.ts';
import { FakeRng } from '../fakes/fake-rng.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { recordingMetrics } from '../fakes/recording-metrics.ts';
import { now } from './facts.ts';
import { aBinding, aClient, anIssuer, aTenantScope } from './objects.ts';

const ownNamespace = 'grantor-system';

/** What the controllers of one process are, until it is killed. */
interface Controllers {
  readonly environment: Environment;
  client(key?: string): Promise<Outcome>;
  binding(key?: string, at?: Partial<ReconcileContext>): Promise<Outcome>;
  issuer(key?: string): Promise<Outcome>;
  scope(key?: string): Promise<Outcome>;
  sweep(key?: string): Promise<Outcome>;
  pods(namespace?: string): Promise<Outcome>;
}

/** Where several clusters are, at one issuer. */
interface Surroundings {
  readonly clusterID?: string;
  readonly issuer?: FakeIssuerDriver;
}

/** A cluster with tenant acme, its client and its binding, an issuer in memory, and the controllers, on a clock that a test moves. */
export class Cluster {
  readonly clock = new FakeClock(now);
  readonly kube = new FakeApiServer(this.clock);
  readonly driver: FakeIssuerDriver;
  readonly clusterID: string;
  #secretReach: SecretReach = { kind: 'within' };
  readonly audit: AuditEvent[] = [];
  /** What was told of each object: `Warning OAuthClient acme-prod/billing Suspended: spec.suspend is true`. */
  readonly told: string[] = [];
  /** Calls until the controllers are killed: before the call is made, or after it was and before its answer is known. */
  #callsLeft = Infinity;
  #controllers: Controllers;

  constructor(objects: readonly KubeObject[], { clusterID = 'cluster-1', issuer }: Surroundings = {}) {
    this.clusterID = clusterID;
    this.driver =
      issuer ??
      new FakeIssuerDriver({ issuer: 'https://login.example', clock: this.clock, rng: new FakeRng() });
    for (const object of objects) this.kube.put(pluralOf(object), manifestOf(object));
    this.#controllers = this.#start();
  }

  /** Stores an object and lets the caches see it, as a watch would. */
  put(object: KubeObject): Stored {
    const stored = this.kube.put(pluralOf(object), manifestOf(object));
    informerOf(this.world, stored).observe(stored);
    return stored;
  }

  get world(): World {
    return this.#controllers.environment.world;
  }
  get environment(): Environment {
    return this.#controllers.environment;
  }

  /** Reconciles a client, a binding, an issuer or a TenantScope once. */
  client = (key = 'acme-prod/billing'): Promise<Outcome> => this.#controllers.client(key);
  binding = (key = 'acme-prod/billing-api', at: Partial<ReconcileContext> = {}): Promise<Outcome> =>
    this.#controllers.binding(key, at);
  issuer = (key = 'login'): Promise<Outcome> => this.#controllers.issuer(key);
  scope = (key = 'acme'): Promise<Outcome> => this.#controllers.scope(key);
  /** Counts the pods of a namespace once. */
  pods = (namespace = 'acme-prod'): Promise<Outcome> => this.#controllers.pods(namespace);
  /** Sweeps an issuer once. */
  sweep = (key = 'login'): Promise<Outcome> => this.#controllers.sweep(key);

  /** Lets everything that is called fail from the `calls`th half call on, as if the process were gone. Says whether it came that far. */
  async killedAfter(calls: number, work: () => Promise<unknown>): Promise<boolean> {
    this.#callsLeft = calls;
    const killed = await work().then(
      () => this.#callsLeft < 0,
      () => true,
    );
    this.#callsLeft = Infinity;
    return killed;
  }

  /** Kills the controllers and starts them again: nothing is left but what the API server and the issuer hold. */
  restart(): void {
    this.#controllers = this.#start();
  }

  /** Installs Secret delivery in other ways, by which the controllers are started again; Secrets out of reach are not in their caches. */
  installSecrets(reach: SecretReach['kind'], problem?: string): void {
    this.#secretReach = reach === 'unread' ? { kind: reach, problem } : { kind: reach };
    this.restart();
  }

  #isRead({ kind, metadata }: KubeObject): boolean {
    return kind !== 'Secret' || metadata.namespace === ownNamespace || this.#secretReach.kind === 'within';
  }

  /** `status reason` of a condition of the object, as the API server has it. */
  condition(
    plural: string,
    name: string,
    type = 'Ready',
    namespace: string | undefined = 'acme-prod',
  ): string {
    const found = this.kube.find<KubeObject & { status?: { conditions?: Told[] } }>(plural, {
      namespace,
      name,
    });
    const told = found?.status?.conditions?.find((condition) => condition.type === type);
    return told ? `${told.status} ${told.reason}: ${told.message}` : 'nothing';
  }

  /** The decoded values of a Secret. */
  secret(name: string, namespace = 'acme-prod'): Readonly<Record<string, string>> | undefined {
    const found = this.kube.find<KubeObject & { data?: Record<string, string> }>('secrets', {
      namespace,
      name,
    });
    const entries = Object.entries(found?.data ?? {});
    return (
      found &&
      Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
    );
  }

  /** `target` with two points at each call where the process can end. */
  #mortal<T extends object>(target: T): T {
    const tick = (): void => {
      this.#callsLeft -= 1;
      if (this.#callsLeft < 0) throw new Error('killed');
    };
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name, target);
        // The registry closes drivers that it replaces; the issuer behind them goes on.
        if (name === 'close') return async () => undefined;
        if (typeof member !== 'function') return member;
        // What only reads may end anywhere, and says so page by page.
        if (name === 'list') return member.bind(target) as unknown;
        return async (...given: unknown[]): Promise<unknown> => {
          tick();
          const answer: unknown = await Reflect.apply(member, target, given);
          tick();
          return answer;
        };
      },
    });
  }

  #start(): Controllers {
    const { clock } = this;
    const client = this.#mortal<KubeClient>(this.kube.client());
    const driver = this.#mortal(this.driver);
    const log = recordingLog();
    const metrics = recordingMetrics();
    const world = createWorld(client, ownNamespace, { clock, rng: new FakeRng(), log, metrics });
    for (const object of this.kube.objects.values())
      if (this.#isRead(object)) informerOf(world, object).observe(object);
    const events: Events = {
      tell: ({ kind, namespace, name }, { type, reason, note }) =>
        void this.told.push(
          `${type} ${kind} ${[namespace, name].filter(Boolean).join('/')} ${reason}: ${note}`,
        ),
    };
    const environment: Environment = {
      kube: client,
      world,
      secretDelivery: { reach: () => this.#secretReach, follow() {} },
      census: new Census(world, ownNamespace),
      looks: new Looks(world, clock),
      firstSeen: new FirstSeen(clock),
      issuers: new IssuerRegistry({
        kube: client,
        namespace: ownNamespace,
        makeDriver: () => driver,
      }),
      serviceAccountTokens: new ServiceAccountTokens(
        ({ uid, ...account }, audience, signal) =>
          client.requestToken(account, { uid, audiences: [audience], expiration: minutes(10), signal }),
        clock,
      ),
      revocations: new Revocations(clock),
      consumers: new Consumers(client, clock),
      rotationTurns: new RotationTurns(),
      podCounts: new PodCounts(),
      clock,
      audit: tellingActs((event) => void this.audit.push(checked(event)), events, world),
      events,
      metrics: { count: () => undefined, observe: () => undefined },
      ownNamespace,
      clusterID: this.clusterID,
      serviceAccountIssuer,
    };
    const context = {
      signal: new AbortController().signal,
      log,
      correlationID: 'c',
      catchUp() {},
      mayLinger: () => true,
    };
    const reconcilers = {
      client: createClientReconciler(environment),
      binding: createBindingReconciler(environment),
      issuer: createIssuerReconciler(environment),
      scope: createTenantScopeReconciler(environment),
      sweep: createSweep(environment),
      pods: createPodCount(environment, { enqueue() {} }),
    };
    return {
      environment,
      client: (key = '') => reconcilers.client(key, context),
      // As the queue does, at once.
      async binding(key = '', at) {
        const look = () => reconcilers.binding(key, { ...context, ...at });
        let outcome = await look();
        while (outcome.kind === 'again' && outcome.after <= 0) outcome = await look();
        return outcome;
      },
      issuer: (key = '') => reconcilers.issuer(key, context),
      scope: (key = '') => reconcilers.scope(key, context),
      sweep: (key = '') => reconcilers.sweep(key, context),
      pods: (namespace = '') => reconcilers.pods(namespace, context),
    };
  }
}

/** The list of audiences that ServiceAccount tokens may be asked for. */
export const audienceList = (...audiences: readonly string[]): KubeObject & { readonly data: object } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: ownNamespace, name: 'grantor-audiences' },
  data: Object.fromEntries(audiences.map((audience, n) => [`issuer-${n}`, audience])),
});

interface Told {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Everything that the binding of tenant acme needs; the client is not registered yet. */
const defaults = (): readonly KubeObject[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'acme-prod', labels: { tenant: 'acme' } } },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace: 'acme-prod', name: 'billing', uid: 'uid-sa' },
  },
  audienceList('https://login.example'),
  anIssuer(),
  aTenantScope(),
  aClient((client) => ({ ...client, metadata: { ...client.metadata, finalizers: [] }, status: {} })),
  aBinding(),
];

/** That cluster with some objects in the place of those of the same kind, or more of them. */
export const aCluster = (...others: readonly KubeObject[]): Cluster =>
  new Cluster([...defaults().filter(({ kind }) => !others.some((other) => other.kind === kind)), ...others]);

/** Another cluster with all that this one has, down to the UIDs, at the same issuer. */
export const itsTwin = ({ kube, driver }: Cluster, clusterID: string): Cluster =>
  new Cluster([...kube.objects.values()], { clusterID, issuer: driver });

/** The same once its client is registered; what was written until then is not counted. */
export async function aReadyCluster(...others: readonly KubeObject[]): Promise<Cluster> {
  const cluster = aCluster(...others);
  await cluster.client();
  cluster.kube.writes.length = 0;
  return cluster;
}

const pluralOf = ({ kind }: KubeObject): string => `${kind.toLowerCase()}s`;

const durations = new Set([
  'accessTokenLifetime',
  'duration',
  'every',
  'maxLifetime',
  'maxOverlap',
  'minRemaining',
  'overlap',
  'rotationSpacing',
  'resyncInterval',
  'timeout',
  'withdrawalDelay',
]);

/** An object as it is written in a manifest: durations are text there. */
const manifestOf = <T extends KubeObject>(object: T): T =>
  JSON.parse(
    JSON.stringify(object, (key, value: unknown) =>
      durations.has(key) && typeof value === 'number' ? formatDuration(value as Duration) : value,
    ),
  ) as T;

function informerOf(
  world: World,
  object: KubeObject & { readonly type?: string },
): { observe(raw: Stored): void } {
  switch (object.kind) {
    case 'OAuthIssuer':
      return world.issuers;
    case 'TenantScope':
      return world.scopes;
    case 'OAuthClient':
      return world.clients;
    case 'WorkloadIdentityBinding':
      return world.bindings;
    case 'Namespace':
      return world.namespaces;
    case 'ServiceAccount':
      return world.serviceAccounts;
    case 'ConfigMap':
      return world.audienceLists;
    default:
      break;
  }
  switch (object.type) {
    case 'grantor.dev/token':
      return world.tokenSecrets;
    case 'grantor.dev/client':
      return world.credentialsSecrets;
    case 'grantor.dev/registration':
      return world.registrations;
    default:
      return { observe: () => undefined };
  }
}
