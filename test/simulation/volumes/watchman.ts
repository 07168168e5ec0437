import type { WorkloadIdentityBinding } from '../../../src/api/workload-identity-binding.ts';
import { grantHash } from '../../../src/domain/grant.ts';
import { grantIn } from '../../../src/domain/grant-status.ts';
import { renewalOf, spreadOf } from '../../../src/domain/rotation.ts';
import type { VolumeState } from '../../../src/node/volume-store.ts';
import { minutes, seconds } from '../../../src/std/duration.ts';
import { formatInstant } from '../../../src/std/instant.ts';
import type { ANode } from '../../gen/a-node.ts';
import { anIssuer } from '../../gen/objects.ts';
import type { Shown } from './ports-in-weather.ts';

/** What is promised, in words. */
export type Promised =
  | 'no token is served past its end'
  | 'what is withdrawn goes within five seconds'
  | 'no request that is not due'
  | 'no hot loop'
  | 'a pod has the token that was obtained for it'
  | 'an assertion for single use is shown once'
  | 'the state holds no token'
  | 'what is remembered is there'
  | 'no pod starts with an empty volume'
  | 'a repeated call never fails'
  | 'strangers get nothing'
  | 'no volume without its pod'
  | 'all is well in the end';

export interface Violation {
  readonly promise: Promised;
  readonly what: string;
  /** Seconds since the beginning. */
  readonly at: number;
}

/** When things last were not as they should be around the plug-in, on the time that has passed. */
export interface Disturbances {
  /** It was not running, or had only just started. */
  down: number;
  store: number;
  watches: number;
  api: number;
  clock: number;
}

interface Issued extends Shown {
  readonly expiresAt: number;
}

/** Who looks at everything from outside, once a second and at each call, and holds it to the promises. */
export class Watchman {
  readonly violations: Violation[] = [];
  readonly disturbed: Disturbances = {
    ...{ down: 0, store: -Infinity, watches: -Infinity, api: -Infinity, clock: -Infinity },
  };
  readonly #node: ANode;
  readonly #singleUse: boolean;
  readonly #issued = new Map<string, Issued>();
  /** Assertions of which this process has heard what became of them. */
  #answered = new Set<string>();
  readonly #requests = new Map<string, number[]>();
  #restartedAt = -Infinity;
  #withdrawnSince = Infinity;
  #grantedSince = -Infinity;
  #lastGrant = '';

  constructor(node: ANode, singleUse: boolean) {
    this.#node = node;
    this.#singleUse = singleUse;
  }

  report(promise: Promised, what: string): void {
    this.violations.push({ promise, what, at: this.#elapsed / 1000 });
  }

  processStarts(): void {
    this.#restartedAt = this.#elapsed;
    this.#answered = new Set();
  }

  leaves({ assertion, podUID }: Shown, operation: 'requestToken' | 'revoke'): void {
    if (this.#singleUse && this.#answered.has(assertion))
      this.report('an assertion for single use is shown once', podUID);
    if (operation === 'revoke') return;
    const times = (this.#requests.get(podUID) ?? []).filter((at) => at > this.#elapsed - seconds(10));
    times.push(this.#elapsed);
    this.#requests.set(podUID, times);
    if (times.length > 20) this.report('no hot loop', `${times.length} requests for ${podUID} in 10 s`);
    if (podUID.startsWith('uid-stranger')) this.report('strangers get nothing', 'a token was asked for');
    this.#lookWhetherDue(podUID);
  }

  answered({ assertion, podUID }: Shown, token: string | undefined): void {
    this.#answered.add(assertion);
    if (token === undefined) return;
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      exp: number;
    };
    this.#issued.set(token, { assertion, podUID, expiresAt: exp * 1000 });
  }

  /**
   * A pod was told that its volume is there. One that got it from a process which was killed before it could say so may have lost it again
   * since: whether the kubelet knows is not known, and a repeated call never fails.
   */
  started(name: string): void {
    const isOfThisProcess = this.#elapsed - this.#restartedAt > minutes(3);
    if (isOfThisProcess && this.#node.read({ name }) === undefined && !this.#isWithdrawn)
      this.report('no pod starts with an empty volume', name);
  }

  looks(): void {
    const isWithdrawn = this.#isWithdrawn;
    if (!isWithdrawn) this.#withdrawnSince = Infinity;
    else if (this.#withdrawnSince === Infinity) this.#withdrawnSince = this.#elapsed;
    const grant = this.#hash;
    if (this.#lastGrant !== '' && grant !== this.#lastGrant) this.#grantedSince = this.#elapsed;
    this.#lastGrant = grant;
    for (const { files, state } of this.#node.volumes.values()) {
      if (typeof state !== 'string') this.#look(state, files['token']);
    }
  }

  #look(state: VolumeState, token: string | undefined): void {
    const text = JSON.stringify(state);
    const secrets = [...this.#issued].flatMap(([one, { assertion }]) => [one, assertion]);
    if (secrets.some((secret) => text.includes(secret)))
      this.report('the state holds no token', state.pod.name);
    if (state.delivered !== undefined && token === undefined)
      this.report('what is remembered is there', state.pod.name);
    const issued = token === undefined ? undefined : this.#issued.get(token);
    if (issued === undefined) return;
    if (issued.podUID !== state.pod.uid)
      this.report(
        'a pod has the token that was obtained for it',
        `${state.pod.uid} has one of ${issued.podUID}`,
      );
    const { down, store, watches, api, clock } = this.disturbed;
    const calmFor = (since: number): number => this.#elapsed - since;
    // A store that failed is tried again after a minute at most.
    const works = calmFor(down) > seconds(3) && calmFor(store) > minutes(1.2) && calmFor(clock) > seconds(35);
    if (works && this.#node.clock.now() > issued.expiresAt + 1000)
      this.report('no token is served past its end', state.pod.name);
    // A watch that failed is begun again after half a minute at most.
    const hears = calmFor(watches) > seconds(5) && calmFor(api) > seconds(45);
    const knows = works && hears && calmFor(down) > seconds(6);
    if (knows && calmFor(this.#withdrawnSince) > seconds(5))
      this.report('what is withdrawn goes within five seconds', state.pod.name);
  }

  /** By what the plug-in remembers: a token of this grant is not replaced before its time. */
  #lookWhetherDue(podUID: string): void {
    const volume = [...this.#node.volumes.values()].find(
      ({ state }) => typeof state !== 'string' && state.pod.uid === podUID,
    );
    if (volume === undefined || typeof volume.state === 'string') return;
    const { delivered } = volume.state;
    if (delivered === undefined || delivered.grantHash !== this.#hash) return;
    if (delivered.bindingUID !== this.#binding?.metadata.uid) return;
    const { watches, api, clock, store } = this.disturbed;
    const isSeen =
      this.#elapsed - Math.max(watches, this.#grantedSince) > seconds(10) &&
      this.#elapsed - api > seconds(45) &&
      this.#elapsed - store > minutes(1.2) &&
      this.#elapsed - clock > minutes(15);
    const { renewAt } = renewalOf(
      delivered,
      { renewAtPercent: 75 },
      spreadOf(volume.state.volumeID, delivered.generation),
    );
    const early = (renewAt - this.#node.clock.now()) / 1000;
    if (isSeen && early > 1) this.report('no request that is not due', `${podUID}, ${early} s too early`);
  }

  get #elapsed(): number {
    return this.#node.clock.elapsed();
  }

  get #binding(): WorkloadIdentityBinding | undefined {
    return this.#node.server.find<WorkloadIdentityBinding>('workloadidentitybindings', {
      namespace: 'acme-prod',
      name: 'billing-api',
    });
  }

  get #hash(): string {
    const grant = this.#binding?.status?.grant;
    return grant === undefined ? '' : grantHash(grantIn(grant, anIssuer(), 'acme-prod'));
  }

  /** Whether nobody may have a token, by what the API server holds. */
  get #isWithdrawn(): boolean {
    const status = this.#binding?.status;
    const scope = this.#node.server.find('tenantscopes', { name: 'acme' }) as
      | { readonly spec: { readonly suspend: boolean } }
      | undefined;
    const { effectiveAt } = status?.withdrawal ?? {};
    const isOver = effectiveAt !== undefined && effectiveAt <= formatInstant(this.#node.clock.now());
    return status?.grant === undefined || isOver || scope?.spec.suspend === true;
  }
}
