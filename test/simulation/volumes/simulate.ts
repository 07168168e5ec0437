import { milliseconds, minutes, seconds } from '../../../src/std/duration.ts';
import { plus } from '../../../src/std/instant.ts';
import { SeededRng } from '../../fakes/seeded-rng.ts';
import { ANode, type NodePorts } from '../../gen/a-node.ts';
import { grantedStatus } from '../../gen/volumes.ts';
import { Life } from '../life.ts';
import { type Connection, KubeletPod } from './kubelet.ts';
import { issuerInWeather, mortalStore } from './ports-in-weather.ts';
import { type IssuerWeather, type PodName, type Schedule, type Step } from './steps.ts';
import { type Violation, Watchman } from './watchman.ts';

/** A defect of a plug-in, put between it and what it reaches or calls. */
export interface Plant {
  readonly ports?: (ports: NodePorts) => NodePorts;
  readonly connect?: (connection: Connection, weather: () => IssuerWeather) => Connection;
}

/** How long it takes at most until all is well again: the kubelet has another token by then, and has called. */
const settling = minutes(16);

/** Runs a schedule to its end and says which promises were broken. */
export async function simulateVolumes(schedule: Schedule, plant: Plant = {}): Promise<readonly Violation[]> {
  const simulation = new NodeSimulation(schedule, plant);
  await simulation.begin();
  for (const step of schedule.steps) {
    await simulation.perform(step);
    if (simulation.watchman.violations.length > 0) break;
  }
  if (simulation.watchman.violations.length === 0) await simulation.settle();
  await simulation.end();
  return simulation.watchman.violations;
}

class NodeSimulation {
  readonly watchman: Watchman;
  readonly #node: ANode;
  readonly #plant: Plant;
  readonly #rng: SeededRng;
  readonly #singleUse: boolean;
  /** By the name that steps have for them. Each time that one starts it is another pod. */
  readonly #pods = new Map<PodName, KubeletPod>();
  #started = 0;
  readonly #accepted = new Set<string>();
  #weather: IssuerWeather = 'fine';
  #held = false;
  #life: Life;
  #lost = new AbortController();
  #isUp = false;
  #isOver = false;
  #accounts = 0;
  #bindings = 0;
  #generation = 1;
  #grant: Extract<Step, { grant: unknown }>['grant'] = 'given';

  constructor({ seed, singleUse }: Schedule, plant: Plant) {
    this.#plant = plant;
    this.#rng = new SeededRng(seed);
    this.#singleUse = singleUse;
    // The node makes its first process at once.
    this.#life = undefined as never;
    this.#node = new ANode({ rng: this.#rng, ports: (ports) => this.#between(ports) });
    this.watchman = new Watchman(this.#node, singleUse);
    this.#node.tokenLife = minutes(10);
    const assertionReuse = singleUse ? 'SingleUse' : 'Reusable';
    const status = { observedGeneration: 1, capabilities: ['Revoke'] };
    this.#node.putIssuer({ federation: { method: 'ClientAssertion', assertionReuse } }, {}, status);
    this.#putBinding();
  }

  /** Between each process and the world: its life, the weather, the defect. */
  #between(ports: NodePorts): NodePorts {
    const clock = ports.clock as ANode['clock'];
    const life = new Life(clock, () => true);
    this.#life = life;
    life.onDeath = () => this.#dies();
    const planted = this.#plant.ports?.(ports) ?? ports;
    const accepts = (assertion: string): boolean => {
      if (this.#singleUse && this.#accepted.has(assertion)) return false;
      this.#accepted.add(assertion);
      return true;
    };
    return {
      ...planted,
      clock: life.clock,
      store: mortalStore(planted.store, life),
      driver: issuerInWeather(...([planted.driver, clock, life, () => this.#weather, accepts] as const), {
        leaves: (shown, operation) => this.watchman.leaves(shown, operation),
        answered: (shown, token) => this.watchman.answered(shown, token),
      }),
    };
  }

  async begin(): Promise<void> {
    await this.#node.start();
    this.#isUp = true;
    this.watchman.disturbed.down = this.#node.clock.elapsed();
  }

  async perform(step: Step): Promise<void> {
    if ('passes' in step) return this.#pass(step.passes);
    if ('pod' in step) this.#move(step.pod, step.to);
    else if ('grant' in step) this.#decide(step.grant);
    else if ('tenant' in step) this.#setTenant(step.tenant);
    else if ('account' in step) this.#recreateAccount();
    else if ('issuer' in step) this.#weather = step.issuer;
    else if ('watches' in step) this.#hold(step.watches === 'held');
    else if ('api' in step) this.#sendAway(step.api === 'away');
    else if ('store' in step) this.#failStore(step.store === 'fails');
    else if ('clockJumps' in step)
      this.#node.clock.jump(plus(this.#node.clock.now(), minutes(step.clockJumps)));
    else if ('kill' in step) this.#killAt(step.kill, step.back);
    else await this.#stop(step.back);
    if ('clockJumps' in step) this.watchman.disturbed.clock = this.#node.clock.elapsed();
    await this.#tick(10);
  }

  /** Ends every trouble, and looks whether all comes right. */
  async settle(): Promise<void> {
    this.#weather = 'fine';
    this.#hold(false);
    this.#sendAway(false);
    this.#failStore(false);
    this.#life.spare();
    if (this.#grant !== 'given') this.#decide('given');
    this.#setTenant('resumed');
    await this.#pass(settling / 1000);
    if (this.watchman.violations.length > 0) return;
    for (const [step, pod] of this.#pods) {
      const { name } = pod;
      const has = this.#node.read({ name }) !== undefined;
      if (step !== 'stranger' && (!has || !pod.started))
        this.watchman.report('all is well in the end', `${name} has ${has ? '' : 'no '}token`);
      if (step === 'stranger' && (has || pod.started)) this.watchman.report('strangers get nothing', name);
    }
    const known = new Set([...this.#pods.values()].map(({ name }) => `csi-${name}`));
    const left = [...this.#node.volumes.keys()].filter((id) => !known.has(id));
    if (left.length > 0) this.watchman.report('no volume without its pod', left.join(', '));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const pod of this.#pods.values()) pod.vanish();
    this.#life.die();
    await this.#node.clock.advance(minutes(3));
  }

  async #pass(time: number): Promise<void> {
    for (let left = time; left > 0 && this.watchman.violations.length === 0; left -= 1)
      await this.#tick(1000);
  }

  async #tick(time: number): Promise<void> {
    await this.#node.clock.advance(milliseconds(time));
    const now = this.#node.clock.elapsed();
    if (!this.#isUp) this.watchman.disturbed.down = now;
    if (this.#held) this.watchman.disturbed.watches = now;
    if (!this.#node.server.faults.empty) this.watchman.disturbed.api = now;
    if (this.#node.store.failing.size > 0) this.watchman.disturbed.store = now;
    if (this.#held) for (const watch of this.#node.server.bookmarked) watch.hold(true);
    this.watchman.looks();
  }

  #move(name: PodName, to: 'starts' | 'goes' | 'vanishes'): void {
    const known = this.#pods.get(name);
    if (to === 'starts') {
      if (known !== undefined) return;
      this.#started += 1;
      const wish = {
        name: `${name}-${this.#started}`,
        serviceAccount: name === 'stranger' ? 'default' : 'billing',
        ...(name === 'stranger' ? { serviceAccountUID: 'uid-default' } : {}),
      };
      const seen = {
        started: () => this.watchman.started(wish.name),
        failedAgain: (_: unknown, { code, message }: { code: string; message: string }) => {
          if (message !== 'the plug-in is stopping')
            this.watchman.report('a repeated call never fails', `${name}: ${code}: ${message}`);
        },
      };
      this.#pods.set(name, new KubeletPod(wish, this.#node, this.#rng, () => this.#connection(), seen));
      return;
    }
    if (known === undefined) return;
    this.#pods.delete(name);
    if (to === 'goes') known.go();
    else known.vanish();
  }

  #connection(): Connection | undefined {
    if (!this.#isUp) return undefined;
    const connection = { volumes: this.#node.manager, lost: this.#lost.signal };
    return this.#plant.connect?.(connection, () => this.#weather) ?? connection;
  }

  #decide(grant: Extract<Step, { grant: unknown }>['grant']): void {
    this.#grant = grant;
    if (grant === 'anew') this.#bindings += 1;
    if (grant === 'gone') this.#node.removeBinding();
    else this.#putBinding();
  }

  #putBinding(): void {
    const { grant, ...rest } = grantedStatus();
    const serviceAccount = { name: 'billing', uid: this.#accountUID };
    const { tenantScope } = grant?.derivedFrom ?? {};
    const derivedFrom = {
      ...grant?.derivedFrom,
      tenantScope: { ...tenantScope, generation: this.#generation },
    };
    const maxLifetime = this.#grant === 'another' ? '12m' : '15m';
    const given = { ...grant, serviceAccount, derivedFrom, maxLifetime };
    if (this.#grant === 'withdrawn' || this.#grant === 'later') {
      const at = this.#node.clock.now();
      const effectiveAt = new Date(plus(at, seconds(this.#grant === 'later' ? 60 : 0)));
      const withdrawal = {
        reason: 'NoTenantScope',
        startedAt: text(new Date(at)),
        effectiveAt: text(effectiveAt),
      };
      this.#put({ ...rest, grant: given, withdrawal });
    } else this.#put(this.#grant === 'none' ? rest : { ...rest, grant: given });
  }

  #put(status: object): void {
    const uid = `uid-billing-api${this.#bindings > 0 ? this.#bindings : ''}`;
    const old = this.#node.server.find('workloadidentitybindings', {
      namespace: 'acme-prod',
      name: 'billing-api',
    });
    if (old !== undefined && old.metadata.uid !== uid) this.#node.removeBinding();
    this.#node.putBinding(status, { uid }, { renewAtPercent: 75 });
  }

  #setTenant(to: 'suspended' | 'resumed' | 'changed'): void {
    if (to === 'changed') this.#generation += 1;
    this.#node.putScope({ suspend: to === 'suspended' }, { generation: this.#generation });
    // The controller follows at once.
    if (to === 'changed' && this.#grant !== 'gone') this.#putBinding();
  }

  get #accountUID(): string {
    return this.#accounts === 0 ? 'uid-sa' : `uid-sa-${this.#accounts}`;
  }

  #recreateAccount(): void {
    this.#accounts += 1;
    this.#node.recreateAccount(this.#accountUID);
    if (this.#grant !== 'gone') this.#putBinding();
  }

  #hold(held: boolean): void {
    this.#held = held;
    for (const watch of this.#node.server.bookmarked) watch.hold(held);
  }

  #sendAway(away: boolean): void {
    this.#node.server.recover();
    if (!away) return;
    for (const verb of ['list', 'watch', 'get', 'create'] as const)
      this.#node.server.fail(verb, 'unavailable');
    for (const watch of [...this.#node.server.bookmarked]) watch.end();
  }

  #failStore(fails: boolean): void {
    this.#storeFails = fails;
    for (const call of ['save', 'write', 'clear', 'mount', 'remove'] as const) {
      if (fails) this.#node.store.failing.set(call, 'ENOSPC');
      else this.#node.store.failing.delete(call);
    }
  }
  #storeFails = false;

  #killAt(points: number, back: number): void {
    const life = this.#life;
    this.#backAfter = back;
    life.dieAfter(points);
    // Where nothing is going on, it dies all the same.
    this.#node.clock.after(seconds(20), () => life.die());
  }
  #backAfter = 0;

  #dies(): void {
    this.#isUp = false;
    this.#lost.abort();
    this.#node.stop();
    if (!this.#isOver) this.#node.clock.after(seconds(this.#backAfter), () => void this.#comeBack());
  }

  async #stop(back: number): Promise<void> {
    this.#backAfter = back;
    this.#node.stop();
    await this.#node.clock.settle();
    this.#life.die();
  }

  async #comeBack(): Promise<void> {
    this.#lost = new AbortController();
    this.watchman.processStarts();
    this.watchman.disturbed.down = this.#node.clock.elapsed();
    this.#node.renew();
    this.#failStore(this.#storeFails);
    await this.#node.start();
    if (this.#life.dead) return;
    this.#isUp = true;
    this.watchman.disturbed.down = this.#node.clock.elapsed();
  }
}

const text = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;
