import { decode } from '../../../src/api/decode.ts';
import { workloadIdentityBindingKind } from '../../../src/api/workload-identity-binding.ts';
import { readDelivered } from '../../../src/delivery/token-secret.ts';
import { renewalOf, spreadOf } from '../../../src/domain/rotation.ts';
import { type Duration, formatDuration, milliseconds, seconds } from '../../../src/std/duration.ts';
import { between, earliest, type Instant } from '../../../src/std/instant.ts';
import { aBinding, aClient, aServiceAccount, aTenant } from '../../e2e/objects.ts';
import { FakeApiServer } from '../../fakes/fake-api-server/fake-api-server.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeIssuerDriver } from '../../fakes/fake-issuer-driver.ts';
import { SeededRng } from '../../fakes/seeded-rng.ts';
import { type Manifest, resourceOf } from '../../stage/manifests.ts';
import { audienceListManifest, issuerIdentifier, issuerManifest } from '../manifests.ts';
import { Replica } from '../replica.ts';
import { governedIssuer } from './governed-issuer.ts';
import { type ApiCall, recorded } from './recorded-calls.ts';
import { followTokens } from './token-ends.ts';

/** How somebody is away: refuses connections and ends those that are open, or says nothing at all. */
export type Absence = 'refusing' | 'silent';

export const namespace = 'outages';
/** Of the client `api`; `other` has one of its own name. */
export const bindingCount = 20;
const just = milliseconds(10);

/**
 * The whole operator in two processes, with bindings that are born together and whose renewals are due together: as late in the life of
 * their tokens as any can be. Time passes only where a test lets it.
 */
export class OutageScene {
  readonly clock = new FakeClock();
  readonly server: FakeApiServer;
  readonly calls: ApiCall[] = [];
  readonly tokens: ReturnType<typeof followTokens>;
  /** Everything that somebody should have looked at. */
  readonly errors: string[] = [];
  readonly #replicas: readonly Replica[];
  #issuerAbsence: Absence | undefined;

  private constructor(life: Duration, seed: number) {
    const { clock } = this;
    this.server = new FakeApiServer(clock, new SeededRng(seed));
    this.tokens = followTokens(this.server, clock);
    this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } });
    this.server.put('configmaps', audienceListManifest());
    this.put(issuerManifest(), ...aTenant(namespace, { issuers: ['login'], tokens: { maxLifetime: '24h' } }));
    const [other, ...uids] = latestUIDs(bindingCount + 1);
    this.putClient('api', life);
    uids.forEach((uid, n) => this.putBinding(`api-${n}`, 'api', uid));
    this.putClient('other', life);
    this.putBinding('other', 'other', other);
    const issuer = new FakeIssuerDriver({ issuer: issuerIdentifier, clock, rng: new SeededRng(seed + 1) });
    this.#replicas = [0, 1].map(
      (process) =>
        new Replica({
          ...{ name: `replica-${process}`, seed: seed + 1000 * process, clock, server: this.server, issuer },
          plant: {
            kube: (client) => recorded(client, clock, (call) => this.calls.push({ process, ...call })),
            driver: (driver) => governedIssuer(driver, clock, seed + process, () => this.#issuerAbsence),
          },
          // Of what stands still, which nothing here does.
          isTroubled: () => false,
          leaves: () => undefined,
          broke: (what) => this.errors.push(what),
        }),
    );
  }

  /** Until just before the first renewal is due. `life` is that of the tokens. */
  static async beforeRenewals(life: Duration, seed = 1): Promise<OutageScene> {
    const scene = new OutageScene(life, seed);
    const { clock } = scene;
    await clock.advance(seconds(20));
    await clock.advance(milliseconds(between(clock.now(), earliest(...scene.#renewals())) - just));
    return scene;
  }

  /** Stores objects as people do who reach the API server whoever else does not. */
  put(...manifests: readonly Manifest[]): void {
    for (const manifest of manifests) this.server.put(resourceOf(manifest).plural, manifest);
  }

  /** A client, federated for the ServiceAccount of its name. */
  putClient(name: string, life: Duration): void {
    const spec = { issuerRef: { name: 'login' }, accessTokenLifetime: formatDuration(life) };
    this.put(aServiceAccount(namespace, name), aClient(namespace, name, spec));
  }

  putBinding(name: string, client: string, uid?: string): void {
    const spec = { serviceAccountName: client, clientRef: { name: client } };
    const { metadata, ...rest } = aBinding(namespace, name, spec);
    this.put({ ...rest, metadata: { ...metadata, ...(uid === undefined ? {} : { uid }) } });
  }

  apiServerLeaves(how: Absence): void {
    this.server.faults.add(how === 'silent' ? 'hangs' : 'unavailable', () => true);
    for (const replica of this.#replicas)
      if (how === 'silent') replica.holdWatches(true);
      else replica.kube.cutWatches({ kind: 'unavailable', message: 'reset' });
  }

  issuerLeaves(how: Absence): void {
    this.#issuerAbsence = how;
  }

  /** All are there again. */
  heal(): void {
    this.#issuerAbsence = undefined;
    for (const replica of this.#replicas) replica.heal();
    this.server.faults.clear();
  }

  async end(): Promise<void> {
    for (const replica of this.#replicas) replica.end();
    await this.clock.advance(seconds(60));
  }

  /** When the renewal of each token is due. */
  #renewals(): Instant[] {
    return this.server.storage.list('workloadidentitybindings').map((raw) => {
      const binding = decode(workloadIdentityBindingKind, raw);
      const secret = this.server.find('secrets', { namespace, name: `${raw.metadata.name}-token` });
      const delivered = secret && readDelivered(secret.metadata);
      if (!binding.ok || delivered === undefined) throw new Error(`${raw.metadata.name} has no token`);
      const spread = spreadOf(raw.metadata.uid, delivered.generation);
      return renewalOf(delivered, binding.value.spec.rotation, spread).renewAt;
    });
  }
}

/** UIDs whose first renewal comes in the last thousandth of the time in which it may. */
function latestUIDs(count: number): string[] {
  const uids: string[] = [];
  for (let n = 0; uids.length < count; n++) {
    const uid = `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
    if (spreadOf(uid, 1) >= 0.999) uids.push(uid);
  }
  return uids;
}
