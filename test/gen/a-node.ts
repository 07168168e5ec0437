import type { GrantStatus } from '../../src/api/grant-field.ts';
import { IssuerRegistry } from '../../src/issuance/issuer-registry.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { createNodeWorld } from '../../src/node/node-world.ts';
import type { IsPodThere } from '../../src/node/pod-directory.ts';
import { createPodEvents } from '../../src/node/pod-events.ts';
import { PodTokens } from '../../src/node/pod-tokens.ts';
import { VolumeManager } from '../../src/node/volume-manager.ts';
import type { VolumeStore } from '../../src/node/volume-store.ts';
import type { PodToken, PublishRequest, VolumeFailure } from '../../src/node/volumes.ts';
import type { TokenIssuer } from '../../src/ports/issuer-driver.ts';
import { createEventSender } from '../../src/runtime/event-sender.ts';
import type { Clock } from '../../src/std/clock.ts';
import { type Duration, hours, milliseconds, minutes } from '../../src/std/duration.ts';
import { formatInstant, plus } from '../../src/std/instant.ts';
import type { Result } from '../../src/std/result.ts';
import type { Rng } from '../../src/std/rng.ts';
import type { AuditEvent } from '../../src/telemetry/audit.ts';
import { checked } from '../audit/audit-lines.ts';
import { FakeApiServer, serviceAccountIssuer } from '../fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { aServiceAccountToken, FakeIssuerDriver } from '../fakes/fake-issuer-driver.ts';
import { FakeRng } from '../fakes/fake-rng.ts';
import { type FakeVolume, FakeVolumeStore } from '../fakes/fake-volume-store.ts';
import { recordingLog } from '../fakes/recording-log.ts';
import { recordingMetrics } from '../fakes/recording-metrics.ts';
import { now } from './facts.ts';
import { grantedStatus } from './volumes.ts';

const namespace = 'acme-prod';
const audience = 'https://login.example';
const apiVersion = 'grantor.dev/v1alpha1';

/** A pod as a test names it: the rest follows. */
export interface PodWish {
  readonly name: string;
  readonly serviceAccount?: string;
  readonly serviceAccountUID?: string;
  readonly binding?: string;
  readonly namespace?: string;
}

/** All that a process of the plug-in reaches. */
export interface NodePorts {
  readonly clock: Clock;
  readonly kube: KubeClient;
  readonly store: VolumeStore;
  readonly driver: TokenIssuer;
  readonly tokens: PodTokens;
  readonly isPodThere: IsPodThere;
}

export interface ANodeOptions {
  readonly rng?: Rng;
  /** Stands between each new process and the world. */
  readonly ports?: (ports: NodePorts) => NodePorts;
}

/** Where the kubelet wants the volume of a pod. */
export const targetOf = ({ name }: Pick<PodWish, 'name'>): string =>
  `/var/lib/kubelet/pods/uid-${name}/volumes/kubernetes.io~csi/token/mount`;
export const volumeOf = ({ name }: Pick<PodWish, 'name'>): string => `csi-${name}`;

/**
 * A node with everything that one binding needs: an API server, an issuer, a store that outlives the plug-in, and the plug-in, on one clock
 * that stands still. `start` makes another process of it.
 */
export class ANode {
  readonly clock = new FakeClock(now);
  readonly server: FakeApiServer;
  readonly issuer: FakeIssuerDriver;
  readonly volumes = new Map<string, FakeVolume>();
  readonly audited: AuditEvent[] = [];
  readonly log = recordingLog();
  readonly metrics = recordingMetrics();
  /** Pods that the kubelet has a folder for. */
  readonly podDirectories = new Set<string>();
  /** How many drivers were made. */
  drivers = 0;
  readonly #rng: Rng;
  readonly #ports: (ports: NodePorts) => NodePorts;
  /** How long the kubelet's tokens live. */
  tokenLife: Duration = hours(1);
  /** UID of the ServiceAccount that the binding is for. */
  accountUID = 'uid-sa';
  store: FakeVolumeStore;
  manager: VolumeManager;
  #stop = new AbortController();
  #serial = 0;

  constructor({ rng = new FakeRng(), ports = (all) => all }: ANodeOptions = {}) {
    this.#rng = rng;
    this.server = new FakeApiServer(this.clock, rng);
    this.issuer = new FakeIssuerDriver({ issuer: audience, clock: this.clock, rng });
    this.#ports = ports;
    this.recreateAccount('uid-sa');
    this.putIssuer();
    this.putScope();
    this.putClient();
    this.store = new FakeVolumeStore(this.volumes);
    this.manager = this.#process();
  }

  #made(driver: TokenIssuer): TokenIssuer {
    this.drivers += 1;
    return driver;
  }

  /** Another process with all that the last one left. */
  #process(): VolumeManager {
    const { log, metrics } = this;
    const rng = this.#rng;
    this.#stop = new AbortController();
    this.store = new FakeVolumeStore(this.volumes);
    const { clock, kube, store, driver, tokens, isPodThere } = this.#ports({
      clock: this.clock,
      kube: this.server.client(this.clock, 'grantor-node'),
      store: this.store,
      driver: this.issuer,
      tokens: new PodTokens(),
      isPodThere: async (_, podUID) => this.podDirectories.has(podUID),
    });
    const common = { clock, rng, log, metrics: metrics as never };
    const world = createNodeWorld(kube, common);
    const sender = createEventSender({ ...common, kube });
    const manager = new VolumeManager({
      ...{ ...common, world, node: 'node-1', store, tokens, isPodThere },
      audit: (event) => this.audited.push(checked(event)),
      issuers: new IssuerRegistry({
        kube,
        namespace: 'grantor-system',
        makeDriver: () => this.#made(driver),
      }),
      events: createPodEvents({ ...common, sender, node: 'node-1' }),
    });
    for (const part of [sender, ...Object.values(world)]) void part.run(this.#stop.signal);
    return manager;
  }

  /** Opens the store and works until it is stopped or killed. */
  async start(): Promise<this> {
    await this.manager.open();
    void this.manager.run(this.#stop.signal);
    await this.clock.settle();
    return this;
  }

  /** Makes another process, of which nothing works yet; what was under way in the last one ends somehow, and nothing of it comes back. */
  renew(): void {
    this.#stop.abort();
    this.manager = this.#process();
  }

  async restart(): Promise<void> {
    this.#stop.abort();
    await this.clock.settle();
    this.renew();
    await this.start();
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Aborts when the process ends. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Lets time pass. */
  async pass(time: Duration): Promise<void> {
    await this.clock.advance(time);
  }

  /** The ServiceAccount by another UID: the issuer knows it, and so do the tokens that are made from now on. */
  recreateAccount(uid: string): void {
    this.accountUID = uid;
    this.issuer.registerByOtherMeans('client-1', {
      ...{ mark: '', name: 'acme-prod/billing', grantTypes: ['ClientCredentials'], redirectURIs: [] },
      ...{
        scopes: ['invoices.read'],
        audiences: ['https://api.example'],
        roles: ['biller'],
        tenantID: 'acme',
      },
      ...{ accessTokenLifetime: minutes(10), proofOfPossession: 'None' },
      authentication: {
        method: 'Federated',
        by: 'ClientAssertion',
        workload: {
          issuer: serviceAccountIssuer,
          subject: `system:serviceaccount:${namespace}:billing`,
          uid,
        },
      },
    });
  }

  putIssuer(spec: object = {}, metadata: object = {}, status: object = {}): void {
    this.server.put('oauthissuers', {
      apiVersion,
      kind: 'OAuthIssuer',
      metadata: { name: 'login', uid: 'uid-login', ...metadata },
      spec: { issuer: audience, driver: { standard: {} }, ...spec },
      status,
    } as never);
  }

  putScope(spec: object = {}, metadata: object = {}): void {
    this.server.put('tenantscopes', {
      apiVersion,
      kind: 'TenantScope',
      metadata: { name: 'acme', uid: 'uid-acme', ...metadata },
      spec: { suspend: false, ...spec },
    } as never);
  }

  putClient(metadata: object = {}, status: object = {}): void {
    this.server.put('oauthclients', {
      apiVersion,
      kind: 'OAuthClient',
      metadata: { namespace, name: 'billing', uid: 'uid-billing', ...metadata },
      spec: {},
      status,
    } as never);
  }

  /** The binding, as the controller granted it; or with another status. */
  putBinding(
    status: object = grantedStatus(),
    { name = 'billing-api', ...metadata }: { name?: string; uid?: string; generation?: number } = {},
    rotation: object = {},
  ): void {
    this.server.put('workloadidentitybindings', {
      apiVersion,
      kind: 'WorkloadIdentityBinding',
      metadata: { namespace, name, uid: `uid-${name}`, ...metadata },
      spec: {
        serviceAccountName: 'billing',
        clientRef: { name: 'billing' },
        token: { scopes: ['invoices.read'], audience: 'https://api.example' },
        rotation,
      },
      status,
    } as never);
  }

  /** The same with another grant. */
  putGrant(change: Partial<GrantStatus>): void {
    const { grant, ...rest } = grantedStatus();
    this.putBinding({ ...rest, grant: { ...grant, ...change } });
  }

  removeBinding(name = 'billing-api'): void {
    this.server.remove('workloadidentitybindings', { namespace, name });
  }

  withdraw(reason = 'ScopeNotAllowed', afterwards: Duration = milliseconds(0)): void {
    const at = this.clock.now();
    this.putBinding(
      grantedStatus({
        withdrawal: {
          reason,
          startedAt: formatInstant(at),
          effectiveAt: formatInstant(plus(at, afterwards)),
        },
      }),
    );
  }

  /** A call of the kubelet for a pod, with a ServiceAccount token that is made now unless it is given. */
  request(pod: PodWish, token = this.token(pod)): PublishRequest {
    const { name, serviceAccount = 'billing', binding = 'billing-api' } = pod;
    const uid = `uid-${name}`;
    return {
      volumeID: volumeOf(pod),
      targetPath: targetOf(pod),
      pod: { namespace: pod.namespace ?? namespace, name, uid, serviceAccountName: serviceAccount },
      binding,
      access: { mode: 0o444, group: undefined },
      tokens: new Map([[audience, token]]),
    };
  }

  token({
    name,
    serviceAccount = 'billing',
    serviceAccountUID = this.accountUID,
    namespace: ns = namespace,
  }: PodWish): PodToken {
    const issuedAt = Math.floor(this.clock.now() / 1000);
    const life = this.tokenLife / 1000;
    this.#serial += 1;
    const token = aServiceAccountToken(
      {
        issuer: serviceAccountIssuer,
        subject: `system:serviceaccount:${ns}:${serviceAccount}`,
        uid: serviceAccountUID,
      },
      {
        ...{ aud: [audience], iat: issuedAt, exp: issuedAt + life, jti: `jti-${this.#serial}` },
        'kubernetes.io': {
          namespace: ns,
          pod: { name, uid: `uid-${name}` },
          serviceaccount: { name: serviceAccount, uid: serviceAccountUID },
        },
      },
    );
    return { token, expiresAt: plus(this.clock.now(), this.tokenLife) };
  }

  /** What comes of a call; `limit` is how long the clock goes on meanwhile. */
  async publish(
    pod: PodWish,
    limit: Duration = milliseconds(0),
    request = this.request(pod),
  ): Promise<string> {
    this.podDirectories.add(request.pod.uid);
    return this.#outcome(this.manager.publish(request, this.#stop.signal), limit);
  }

  async unpublish(pod: PodWish): Promise<string> {
    const outcome = await this.#outcome(
      this.manager.unpublish(volumeOf(pod), targetOf(pod)),
      milliseconds(0),
    );
    this.podDirectories.delete(`uid-${pod.name}`);
    return outcome;
  }

  async #outcome(call: Promise<Result<void, VolumeFailure>>, limit: Duration): Promise<string> {
    let outcome = 'under way';
    const ended = call.then((done) => {
      outcome = done.ok ? 'ok' : `${done.error.code}: ${done.error.message}`;
    });
    for (let left: number = limit; ; left -= 100) {
      await this.clock.advance(milliseconds(Math.min(Math.max(left, 0), 100)));
      if (outcome !== 'under way' || left <= 0) break;
    }
    void ended;
    return outcome;
  }

  /** The token that a pod reads; undefined where its volume is empty or not there. */
  read(pod: Pick<PodWish, 'name'>): string | undefined {
    return this.store.seenAt(targetOf(pod))?.files['token'];
  }

  /** What a pod was told, in order. */
  get events(): string[] {
    const objects = [...this.server.objects.values()].filter(({ kind }) => kind === 'Event');
    return objects.map((event) => {
      const { type, reason, note } = event as unknown as { type: string; reason: string; note: string };
      return `${type} ${reason}: ${note}`;
    });
  }

  /** How many tokens the issuer was asked for. */
  get requests(): number {
    return this.issuer.calls.filter(({ operation }) => operation === 'requestToken').length;
  }
}

/** A node that has started. */
export const aNode = (options?: ANodeOptions): Promise<ANode> => new ANode(options).start();
