import type { ActionFailure, FailedAttempt } from '../domain/attempt.ts';
import type { Instant } from '../std/instant.ts';
import type { Told } from './tell-pod.ts';
import type { VolumeState } from './volume-store.ts';
import type { PublishRequest } from './volumes.ts';

/** A volume in the memory of this process. What has to outlive it is in `state`. */
export interface Volume {
  readonly id: string;
  state: VolumeState;
  /** The last failure of what is wanted; after a restart what is due is tried once more. */
  attempt: FailedAttempt | undefined;
  /** A token is being asked for; abort it when nobody wants it any more. */
  asking: AbortController | undefined;
  /** Tokens that were taken away are being revoked; abort it when the pod ends. */
  revoking: AbortController | undefined;
  /** Ends when all is done that the store was asked to do. */
  turn: Promise<unknown>;
  /** How much of that there is. */
  storing: number;
  /** The first call is under way; it is woken when something may be decided otherwise. */
  publishing: { wake(): void } | undefined;
  /** It is being removed, or that failed: nothing else is done for it any more. */
  leaving: boolean;
  /** Ends when the removal that was begun last has ended. */
  removal: Promise<unknown>;
  /** Files may lie in it though its state has none: nothing else is done before they are gone. */
  unclean: boolean;
  /** When the kubelet last called for it. */
  calledAt: Instant;
  /** What its pod was told last. */
  told: Told | undefined;
  /** For which reason the audit says last that the pod may not have it. */
  denied: string | undefined;
}

export const newVolume = (state: VolumeState, calledAt: Instant): Volume => ({
  id: state.volumeID,
  state,
  attempt: undefined,
  asking: undefined,
  revoking: undefined,
  turn: Promise.resolve(),
  storing: 0,
  publishing: undefined,
  leaving: false,
  removal: Promise.resolve(),
  unclean: false,
  calledAt,
  told: undefined,
  denied: undefined,
});

/** What is meant by a first call, before anything is done for it. */
export const intentOf = ({ volumeID, targetPath, pod, binding, access }: PublishRequest): VolumeState => ({
  volumeID,
  targetPath,
  pod,
  binding,
  access,
  published: false,
});

/** What of an audit line is about a volume: whose it is, and on which node. */
export const auditOfVolume = ({ state: { pod, binding } }: Pick<Volume, 'state'>, node: string) => ({
  object: `WorkloadIdentityBinding ${pod.namespace}/${binding}`,
  binding: `${pod.namespace}/${binding}`,
  pod: `${pod.namespace}/${pod.name}`,
  podUID: pod.uid,
  node,
});

/** Lets `work` have the store after all that came before it. */
export async function inTurn<T>(volume: Volume, work: () => Promise<T>): Promise<T> {
  volume.storing += 1;
  const mine = volume.turn.then(work);
  volume.turn = mine.catch(() => undefined);
  try {
    return await mine;
  } finally {
    volume.storing -= 1;
  }
}

/** Notes a failure; the same one again counts up. */
export function noteFailure(volume: Volume, fingerprint: string, failure: ActionFailure, at: Instant): void {
  const { attempt } = volume;
  const count = attempt?.fingerprint === fingerprint ? attempt.count + 1 : 1;
  volume.attempt = { fingerprint, failure, at, count };
}
