import type { PodRef, VolumeToken } from '../domain/volume-facts.ts';
import type { Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import type { FileAccess } from './volumes.ts';

/** What is remembered of a volume beside its files, so that a restart asks nobody for anything. Never a token. */
export interface VolumeState {
  readonly volumeID: string;
  readonly targetPath: string;
  readonly pod: PodRef;
  readonly binding: string;
  readonly access: FileAccess;
  /** Whether the pod has it: the kubelet was, or could be, told that it is there. Until then this is only what is meant. */
  readonly published: boolean;
  /** Of the token that lies there. */
  readonly delivered?: VolumeToken;
}

/** A volume that was found when the store was opened. */
export type StoredVolume =
  | { readonly volumeID: string; readonly state: VolumeState; readonly problem?: never }
  /** Its state cannot be read. */
  | { readonly volumeID: string; readonly state?: never; readonly problem: string };

/** What kept the store from doing what it was asked, for a log and for a person. */
export interface StoreFailure {
  readonly detail: string;
}

/** Files in memory, and where pods see them. */
export interface VolumeStore {
  /** Makes the memory file system where there is none yet, and reads back what is in it. */
  open(): Promise<Result<readonly StoredVolume[], StoreFailure>>;
  /** Keeps the state of a volume, or replaces it as a whole. */
  save(state: VolumeState): Promise<Result<void, StoreFailure>>;
  /** Puts a set of files in the place of the former: a reader sees all of the one or all of the other. */
  write(
    volumeID: string,
    files: Readonly<Record<string, string>>,
    access: FileAccess,
  ): Promise<Result<void, StoreFailure>>;
  /** The token that lies there, to have it revoked; undefined where none can be read. */
  token(volumeID: string): Promise<Secret | undefined>;
  /** Takes all files away. What is mounted stays mounted, and is empty. */
  clear(volumeID: string): Promise<Result<void, StoreFailure>>;
  /** Shows the files at `targetPath`, read-only; nothing happens where they are shown already. */
  mount(volumeID: string, targetPath: string): Promise<Result<void, StoreFailure>>;
  /** Unmounts and removes `targetPath`, then files and state; fine where nothing is there. */
  remove(volumeID: string, targetPath: string | undefined): Promise<Result<void, StoreFailure>>;
}
