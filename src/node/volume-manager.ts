import type { VolumeContent } from '../domain/plan-volume.ts';
import { createDelayedKeys, type DelayedKeys } from '../runtime/delayed-keys.ts';
import { errorText } from '../runtime/log.ts';
import { sleep } from '../std/clock.ts';
import { milliseconds, minutes, seconds } from '../std/duration.ts';
import { between, type Instant, plus } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { withFewerLooks } from './fewer-looks.ts';
import { firstPublish } from './first-publish.ts';
import { keepVolume } from './keep-volume.ts';
import type { NodeEnvironment } from './node-environment.ts';
import { watchWorld } from './node-world.ts';
import type { IsPodThere } from './pod-directory.ts';
import { inTurn, intentOf, newVolume, type Volume } from './volume.ts';
import type { StoreFailure } from './volume-store.ts';
import type { PublishRequest, VolumeFailure, Volumes } from './volumes.ts';

export interface VolumeManagerOptions extends NodeEnvironment {
  readonly isPodThere: IsPodThere;
}

/** How often it is looked for volumes whose pods are gone. */
const sweepInterval = minutes(3);

/** What the kubelet has not called for in this time, and never got, it does not want any more: it waits two minutes at most. */
const forgottenAfter = minutes(10);

/** A pod may ask for any number; the memory of a node is for all of its pods. */
const mostPerPod = 16;

/** What could not be removed holds a token that nobody keeps any more: it is tried again, whether or not the kubelet does. */
const removalInterval = seconds(10);

type Done = Promise<Result<void, VolumeFailure>>;

/**
 * The volumes of a node: one record each, one lock each, one timer for all. Calls of the kubelet, changes of the world and the clock lead
 * to the same question, which `planVolume` answers.
 */
export class VolumeManager implements Volumes {
  readonly #environment: NodeEnvironment;
  readonly #isPodThere: IsPodThere;
  readonly #volumes = new Map<string, Volume>();
  /** Whose state could not be read, and since when. */
  readonly #unreadable = new Map<string, Instant>();
  readonly #follow: (namespaces: ReadonlySet<string>) => void;
  readonly #timers: DelayedKeys<undefined>;
  readonly #content = new Map<string, VolumeContent>();
  /** To be looked at as soon as those have had their turn that are there already. */
  readonly #dirty = new Set<string>();
  #looking = false;
  readonly #stopping = new AbortController();

  constructor({ isPodThere, ...environment }: VolumeManagerOptions) {
    const { world, clock } = environment;
    const issuers = withFewerLooks(environment.issuers, clock);
    this.#environment = { ...environment, issuers };
    this.#isPodThere = isPodThere;
    this.#timers = createDelayedKeys(clock, (id) => this.#touch(id));
    this.#follow = watchWorld(world, (namespace) => {
      for (const { id, state } of this.#volumes.values())
        if (namespace === undefined || state.pod.namespace === namespace) this.#touch(id);
    });
    world.issuers.onChange(({ key, current }) => {
      if (current === undefined) void issuers.forget(key);
    });
  }

  /** Takes up what an earlier process left: everything that pods have, with its schedule. Nobody is asked for anything that is not due. */
  async open(): Promise<Result<void, StoreFailure>> {
    const { store, clock, log } = this.#environment;
    const stored = await store.open();
    if (!stored.ok) return stored;
    for (const { volumeID, state, problem } of stored.value) {
      if (state === undefined) {
        log.error(
          { volume: volumeID, error: problem },
          'the state of a volume cannot be read; it is emptied',
        );
        this.#unreadable.set(volumeID, clock.now());
        await store.clear(volumeID);
        continue;
      }
      const volume = newVolume(state, clock.now());
      // What no pod has yet goes: the kubelet calls again. What was to be emptied, as its state says, may not have been.
      volume.leaving = !state.published;
      volume.unclean = state.published && state.delivered === undefined;
      this.#volumes.set(volumeID, volume);
    }
    this.#followThem();
    for (const id of this.#volumes.keys()) this.#touch(id);
    return ok(undefined);
  }

  /** Looks for what was left behind until `signal` aborts; then ends what is under way. What is mounted stays. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#environment;
    while (await sleep(clock, sweepInterval, signal)) await this.#sweep();
    this.#stopping.abort();
    this.#timers.clear();
    for (const { asking, revoking } of this.#volumes.values())
      for (const work of [asking, revoking]) work?.abort();
    await Promise.all(Array.from(this.#volumes.values(), ({ turn }) => turn));
  }

  async publish(request: PublishRequest, signal: AbortSignal): Done {
    const { metrics } = this.#environment;
    const known = await this.#unlessRemoved(request.volumeID);
    const isRepeated = known?.state.published === true && !known.leaving;
    const done = isRepeated ? this.#republish(known, request) : await this.#publish(known, request, signal);
    const outcome = done.ok ? (isRepeated ? 'Repeated' : 'Published') : done.error.code;
    metrics.count('grantor_node_publishes_total', { outcome });
    return done;
  }

  overlook(volumeID: string, problem: string): boolean {
    const volume = this.#volumes.get(volumeID);
    if (volume?.state.published !== true || volume.leaving) return false;
    const { log, metrics } = this.#environment;
    log.error(
      { volume: volumeID, error: problem },
      'a repeated call cannot be read; the volume stays as it is',
    );
    metrics.count('grantor_node_publishes_total', { outcome: 'Overlooked' });
    return true;
  }

  async unpublish(volumeID: string, targetPath: string): Done {
    const volume = await this.#unlessRemoved(volumeID);
    if (volume?.publishing) return underWay;
    const removed = volume
      ? await this.#remove(volume, targetPath)
      : await this.#environment.store.remove(volumeID, targetPath);
    this.#unreadable.delete(volumeID);
    return removed.ok ? removed : err({ code: 'Internal', message: 'the volume could not be removed' });
  }

  /** A removal that nobody called for is over in milliseconds: the kubelet need not come again for that. */
  async #unlessRemoved(id: string): Promise<Volume | undefined> {
    await this.#volumes.get(id)?.removal;
    return this.#volumes.get(id);
  }

  /** Another ServiceAccount token is all that a repeated call brings. What comes of it is told by events. */
  #republish(volume: Volume, { pod, binding, targetPath, access, tokens }: PublishRequest) {
    const { state } = volume;
    if (pod.uid !== state.pod.uid || binding !== state.binding || targetPath !== state.targetPath)
      return err({
        code: 'AlreadyExists',
        message: 'there is a volume of this id for something else',
      } as const);
    volume.calledAt = this.#environment.clock.now();
    // Another plug-in may have read the attributes otherwise; it counts from the next token on.
    volume.state = { ...state, access };
    this.#environment.tokens.take(pod.uid, tokens);
    this.#touch(volume.id);
    return ok(undefined);
  }

  async #publish(known: Volume | undefined, request: PublishRequest, signal: AbortSignal): Done {
    if (this.#stopping.signal.aborted)
      return err({ code: 'Unavailable', message: 'the plug-in is stopping' });
    if (known?.publishing) return underWay;
    const { tokens, clock } = this.#environment;
    const { volumeID: id, pod } = request;
    const others = this.#ofPod(pod.uid).filter((volume) => volume.id !== id);
    if (others.length >= mostPerPod)
      return err({
        code: 'FailedPrecondition',
        message: `a pod has ${mostPerPod} volumes of this driver at most`,
      });
    const volume = known ?? newVolume(intentOf(request), clock.now());
    volume.state = intentOf(request);
    volume.calledAt = clock.now();
    volume.leaving = false;
    volume.publishing = { wake() {} };
    this.#unreadable.delete(id);
    this.#volumes.set(id, volume);
    tokens.take(request.pod.uid, request.tokens);
    this.#followThem();
    const wakeAt = (at: Instant): void => this.#wakeAt(id, at);
    const either = AbortSignal.any([signal, this.#stopping.signal]);
    try {
      return await firstPublish(this.#environment, volume, wakeAt, either);
    } finally {
      volume.publishing = undefined;
      this.#touch(id);
    }
  }

  #remove(volume: Volume, targetPath: string): Promise<Result<void, StoreFailure>> {
    const removal = this.#takeAway(volume, targetPath);
    volume.removal = removal;
    return removal;
  }

  async #takeAway(volume: Volume, targetPath: string): Promise<Result<void, StoreFailure>> {
    const { id, state } = volume;
    const { store, log, clock } = this.#environment;
    volume.leaving = true;
    volume.asking?.abort();
    volume.revoking?.abort();
    this.#timers.delete(id);
    const removed = await inTurn(volume, () => store.remove(id, targetPath));
    if (removed.ok) this.#forget(volume);
    else {
      const pod = `${state.pod.namespace}/${state.pod.name}`;
      log.error({ volume: id, pod, error: removed.error.detail }, 'a volume could not be removed');
      this.#wakeAt(id, plus(clock.now(), removalInterval));
    }
    return removed;
  }

  #ofPod(uid: string): readonly Volume[] {
    return Array.from(this.#volumes.values()).filter(({ state: { pod } }) => pod.uid === uid);
  }

  #forget({ id, state }: Volume): void {
    this.#volumes.delete(id);
    this.#content.delete(id);
    this.#timers.delete(id);
    if (this.#ofPod(state.pod.uid).length === 0) this.#environment.tokens.forget(state.pod.uid);
    this.#followThem();
    this.#count();
  }

  /** Only what is served is watched. */
  #followThem(): void {
    this.#follow(new Set(Array.from(this.#volumes.values(), ({ state }) => state.pod.namespace)));
  }

  #wakeAt(id: string, at: Instant | undefined): void {
    const { clock } = this.#environment;
    if (at !== undefined)
      this.#timers.put(id, milliseconds(Math.max(0, between(clock.now(), at))), undefined);
  }

  /** Has a volume looked at soon; many changes at once lead to one look. */
  #touch(id: string): void {
    this.#dirty.add(id);
    if (this.#looking || this.#stopping.signal.aborted) return;
    this.#looking = true;
    this.#environment.clock.after(milliseconds(0), () => void this.#lookAtAll());
  }

  async #lookAtAll(): Promise<void> {
    for (const id of this.#dirty) {
      this.#dirty.delete(id);
      try {
        this.#look(id);
      } catch (error) {
        // The others are looked at all the same.
        this.#environment.log.error(
          { volume: id, error: errorText(error) },
          'a volume could not be looked at',
        );
      }
      await this.#environment.clock.breathe();
    }
    this.#looking = false;
    this.#count();
  }

  #look(id: string): void {
    const volume = this.#volumes.get(id);
    if (volume === undefined || this.#stopping.signal.aborted) return;
    if (volume.leaving) return void (volume.storing === 0 && this.#remove(volume, volume.state.targetPath));
    if (volume.publishing) return volume.publishing.wake();
    if (!volume.state.published) return;
    if (volume.unclean) return void (volume.storing === 0 && this.#clean(volume));
    const plan = keepVolume(this.#environment, volume, () => this.#touch(id));
    this.#content.set(id, plan.content);
    this.#wakeAt(id, plan.wakeAt);
  }

  async #clean(volume: Volume): Promise<void> {
    const cleared = await inTurn(volume, () => this.#environment.store.clear(volume.id));
    volume.unclean = !cleared.ok;
    if (cleared.ok) this.#touch(volume.id);
    else this.#wakeAt(volume.id, plus(this.#environment.clock.now(), removalInterval));
  }

  #count(): void {
    const counts: Record<VolumeContent, number> = { Fresh: 0, Late: 0, Expired: 0, Empty: 0 };
    for (const content of this.#content.values()) counts[content] += 1;
    for (const [content, count] of Object.entries(counts))
      this.#environment.metrics.set('grantor_node_volumes', { content }, count);
  }

  /** The kubelet calls for nothing that it has forgotten: a first call that failed, or was cut off by a crash. */
  async #sweep(): Promise<void> {
    const { clock, log, metrics, store } = this.#environment;
    const isForgotten = (since: Instant): boolean => between(since, clock.now()) >= forgottenAfter;
    for (const volume of Array.from(this.#volumes.values())) {
      const { id, state, calledAt } = volume;
      const isWanted = state.published
        ? await this.#isPodThere(state.targetPath, state.pod.uid)
        : !isForgotten(calledAt);
      // Meanwhile it may have gone, and come again.
      const isStill = this.#volumes.get(id) === volume;
      if (!isStill || isWanted || volume.publishing || volume.storing > 0) continue;
      const removed = await this.#remove(volume, state.targetPath);
      if (!removed.ok || !state.published) continue;
      metrics.count('grantor_node_volumes_leaked_total', {});
      log.warn(
        { volume: id, pod: `${state.pod.namespace}/${state.pod.name}` },
        'a volume was left behind by its pod',
      );
    }
    for (const [id, since] of this.#unreadable) {
      if (!isForgotten(since)) continue;
      const removed = await store.remove(id, undefined);
      if (removed.ok) this.#unreadable.delete(id);
    }
  }
}

const underWay = err({ code: 'Aborted', message: 'another call for this volume is under way' } as const);
