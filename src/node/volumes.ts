import type { PodRef } from '../domain/volume-facts.ts';
import type { Instant } from '../std/instant.ts';
import type { Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';

/** Who may read the files of a volume. */
export interface FileAccess {
  /** Permission bits: read by owner, group or others, never more. */
  readonly mode: number;
  /** Group id that the files belong to; root's if left out. */
  readonly group: number | undefined;
}

/** A ServiceAccount token of the pod for one audience, from the kubelet. */
export interface PodToken {
  readonly token: Secret;
  readonly expiresAt: Instant;
}

/** A NodePublishVolume request (CSI 1.x), decoded. */
export interface PublishRequest {
  readonly volumeID: string;
  readonly targetPath: string;
  readonly pod: PodRef;
  /** Name of the WorkloadIdentityBinding in the namespace of the pod. */
  readonly binding: string;
  readonly access: FileAccess;
  /** By audience. */
  readonly tokens: ReadonlyMap<string, PodToken>;
}

/** Why a call fails: a gRPC status by name, and one sentence that the owner of the pod reads in an event. Never a secret. */
export interface VolumeFailure {
  readonly code:
    | 'InvalidArgument'
    | 'AlreadyExists'
    | 'FailedPrecondition'
    | 'Aborted'
    | 'Unavailable'
    | 'DeadlineExceeded'
    | 'Internal';
  readonly message: string;
}

/** The volumes on this node, as the Node service of CSI sees them. */
export interface Volumes {
  /**
   * Gives a pod its files. A repeated call takes the new ServiceAccount tokens and answers at once, whatever became of renewals: an error
   * there would cost some kubelets the volume.
   */
  publish(request: PublishRequest, signal: AbortSignal): Promise<Result<void, VolumeFailure>>;
  /**
   * Whether a call that cannot be read is a repeated one. It is answered as if it had brought nothing: an administrator who writes
   * something into the CSIDriver that we do not understand must not cost every pod its volume.
   */
  overlook(volumeID: string, problem: string): boolean;
  /** Takes everything of a volume away; fine where nothing is there. */
  unpublish(volumeID: string, targetPath: string): Promise<Result<void, VolumeFailure>>;
}
