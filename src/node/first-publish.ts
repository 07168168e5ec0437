import type { ActionFailure } from '../domain/attempt.ts';
import { planVolume } from '../domain/plan-volume.ts';
import type { VolumeVerdict } from '../domain/volume-verdict.ts';
import { errorText } from '../runtime/log.ts';
import { aborted, deadline } from '../std/clock.ts';
import { seconds } from '../std/duration.ts';
import { type Instant, plus } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { auditDenial } from './audit-denial.ts';
import { deliverVolumeToken, writeFailed } from './deliver-volume-token.ts';
import type { NodeEnvironment } from './node-environment.ts';
import { type Obtain, obtainVolumeToken } from './obtain-volume-token.ts';
import { inTurn, noteFailure, type Volume } from './volume.ts';
import { volumeFactsOf } from './volume-facts-of.ts';
import type { VolumeFailure } from './volumes.ts';

/**
 * How long a first call waits for what resolves by itself: a failed one is repeated later and later. No longer, since its owner hears of
 * what does not only then, and a pod that is deleted meanwhile has to wait as well.
 */
const patience = seconds(10);

const unexpected = 'something unexpected went wrong with a volume';

type Published = Promise<Result<void, VolumeFailure>>;

/**
 * Gives a pod its first token: intent, token, files, mount, state. A pod never starts with an empty volume, and of a call that fails
 * nothing is left: the kubelet may have forgotten it. `wakeAt` has the volume woken at a time.
 */
export async function firstPublish(
  environment: NodeEnvironment,
  volume: Volume,
  wakeAt: (at: Instant) => void,
  signal: AbortSignal,
): Published {
  const { store, clock, log } = environment;
  const limit = deadline(clock, patience, signal);
  try {
    const saved = await inTurn(volume, () => store.save(volume.state));
    const published = saved.ok
      ? await untilPublished(environment, volume, wakeAt, limit.signal).catch((error: unknown) => {
          log.error({ volume: volume.id, error: errorText(error) }, unexpected);
          return failure('Internal', unexpected);
        })
      : failure('Internal', writeFailed(saved.error, volume, log).message);
    if (published.ok) return published;
    const removed = await inTurn(volume, () => store.remove(volume.id, volume.state.targetPath));
    if (!removed.ok) {
      writeFailed(removed.error, volume, log);
      // Tried again until it is done, or the kubelet calls for another one.
      volume.leaving = true;
    }
    return published;
  } finally {
    limit.dispose();
  }
}

async function untilPublished(
  environment: NodeEnvironment,
  volume: Volume,
  wakeAt: (at: Instant) => void,
  signal: AbortSignal,
): Published {
  const { clock } = environment;
  const end = plus(clock.now(), patience);
  const over = aborted(signal);
  for (;;) {
    const woken = new Promise<void>((resolve) => {
      volume.publishing = { wake: resolve };
    });
    const facts = volumeFactsOf(environment, volume);
    const plan = planVolume(facts, clock.now());
    const { verdict, action } = plan;
    auditDenial(environment, volume, verdict, facts);
    if (verdict.kind === 'refused' || verdict.kind === 'withdrawn')
      return failure('FailedPrecondition', verdict.message);
    if (action?.kind === 'obtain') {
      const done = await obtain(environment, volume, action, facts, signal);
      if (done.ok) return ok(undefined);
      // What somebody has to change does not change while a call waits.
      if (done.error.retry !== 'soon' || signal.aborted) return failed(done.error);
      continue;
    }
    const last = volume.attempt?.failure;
    const held = verdict.kind === 'pending' || !last ? unavailable(verdict) : failed(last);
    if (plan.wakeAt !== undefined && plan.wakeAt > end) return held;
    if (plan.wakeAt !== undefined) wakeAt(plan.wakeAt);
    await Promise.race([woken, over]);
    if (signal.aborted) return held;
  }
}

async function obtain(
  environment: NodeEnvironment,
  volume: Volume,
  action: Obtain,
  facts: Parameters<typeof obtainVolumeToken>[3],
  signal: AbortSignal,
) {
  const obtained = await obtainVolumeToken(environment, volume, action, facts, signal);
  const done = obtained.ok ? await deliverVolumeToken(environment, volume, obtained.value) : obtained;
  if (done.ok) volume.attempt = undefined;
  else noteFailure(volume, action.fingerprint, done.error, environment.clock.now());
  return done;
}

const failed = ({ retry, message }: ActionFailure) =>
  failure(retry === 'soon' ? 'Unavailable' : 'FailedPrecondition', message);

const unavailable = (verdict: VolumeVerdict) =>
  failure('Unavailable', verdict.kind === 'granted' ? 'the token is not there yet' : verdict.message);

const failure = (code: VolumeFailure['code'], message: string): Result<never, VolumeFailure> =>
  err({ code, message });
