import type { Duration } from '../std/duration.ts';
import type { Instant } from '../std/instant.ts';
import type { Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import type { KubeFailure } from './kube-failure.ts';
import type { JsonObject, KubeObject, ObjectMeta, Stored } from './objects.ts';
import type { ObjectName, ResourceKind } from './resource-path.ts';
import type { WatchEvent } from './watch-stream.ts';

/** How long to wait and when to give up. 10 s for a call unless said otherwise. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeout?: Duration;
}

/** Which objects of a kind, and how much of them. */
export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Only `metadata` comes (`PartialObjectMetadata`); `apiVersion` and `kind` are then not the object's own. */
  readonly metadataOnly?: boolean;
}

export interface ListOptions extends Selection, CallOptions {
  /** Objects per page; 500 unless said otherwise. */
  readonly pageSize?: number;
}

export interface WatchOptions extends Selection, CallOptions {
  /**
   * Where the watch begins. Without one it begins with an ADDED for each object that there is, and a bookmark with `initialEventsEnd`
   * says when that was all (streaming list, KEP-3157); `invalid` means that the server can't do that.
   */
  readonly resourceVersion?: string | undefined;
  /** The server ends the watch after this long, in whole seconds. */
  readonly lasting: Duration;
}

export interface ListPage<T extends KubeObject = KubeObject> {
  readonly items: readonly Stored<T>[];
  /** Of the whole list: where a watch may start once the last page has been read. */
  readonly resourceVersion: string;
  /** Objects that came without identity and were left out. */
  readonly malformed: number;
}

/** The events of one watch. After a failure nothing more comes; an orderly end is just the end. */
export type WatchStream<T extends KubeObject = KubeObject> = AsyncGenerator<
  Result<WatchEvent<T>, KubeFailure>,
  void,
  undefined
>;

/** The version that a write relies on. The write fails with `conflict` if the object has moved on or is another one. */
export interface Identity {
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface DeleteOptions extends CallOptions {
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
}

export interface TokenRequestOptions extends CallOptions {
  /** The ServiceAccount's: a recreated one of the same name gets `conflict`, not a token. */
  readonly uid: string;
  readonly audiences: readonly string[];
  /** At least 600 s; the server may shorten it. */
  readonly expiration: Duration;
}

export interface ServiceAccountToken {
  readonly token: Secret;
  readonly expiresAt: Instant;
  /** By which key of the cluster it is signed, if it says so. */
  readonly keyID?: string;
}

type Answer<T> = Promise<Result<T, KubeFailure>>;

/**
 * The API server, in plain JSON: what it answers is checked for an identity, the rest is for whoever knows the kind to decode.
 * Writes carry our field manager and `fieldValidation=Strict`. Expected failures are data, and nothing else is thrown.
 */
export interface KubeClient {
  get<T extends KubeObject>(kind: ResourceKind, at: ObjectName, options?: CallOptions): Answer<Stored<T>>;
  /** Pages in order. Ends after a failure; `gone` means that the pages so far are worth nothing and the list must start anew. */
  list<T extends KubeObject>(
    kind: ResourceKind,
    options?: ListOptions,
  ): AsyncGenerator<Result<ListPage<T>, KubeFailure>, void, undefined>;
  /** Resolves when the watch has begun. Bookmarks are asked for. */
  watch<T extends KubeObject>(kind: ResourceKind, options: WatchOptions): Answer<WatchStream<T>>;

  create<T extends KubeObject>(kind: ResourceKind, object: T, options?: CallOptions): Answer<Stored<T>>;
  /** PUT: exactly this is stored. Never sent without `uid` and `resourceVersion`. */
  replace<T extends KubeObject>(
    kind: ResourceKind,
    object: Stored<T>,
    options?: CallOptions,
  ): Answer<Stored<T>>;
  /** Merge patch of metadata, for finalizers and annotations of objects that others own. A `null` member removes. */
  patchMetadata<T extends KubeObject>(
    kind: ResourceKind,
    at: ObjectName & Identity,
    metadata: MetadataPatch,
    options?: CallOptions,
  ): Answer<Stored<T>>;
  /** Server-side apply, forced: our fields, whoever had them. Put `metadata.uid` in to never create. */
  apply<T extends KubeObject>(kind: ResourceKind, object: T, options?: CallOptions): Answer<Stored<T>>;
  /** Server-side apply of `status`. The server ignores a UID there, so the version is the precondition. */
  applyStatus<T extends KubeObject>(
    kind: ResourceKind,
    at: ObjectName & Pick<Identity, 'resourceVersion'>,
    status: JsonObject,
    options?: CallOptions,
  ): Answer<Stored<T>>;
  /** Asks for the deletion; with finalizers the object stays until they are gone. */
  delete(kind: ResourceKind, at: ObjectName, options: DeleteOptions): Answer<void>;
  /** A token of a ServiceAccount (TokenRequest). */
  requestToken(
    serviceAccount: Required<ObjectName>,
    options: TokenRequestOptions,
  ): Answer<ServiceAccountToken>;

  /** Whom the API server takes this client for (SelfSubjectReview), and what its clock said then, in whole seconds. */
  whoAmI(options?: CallOptions): Answer<{ readonly username: string; readonly at?: Instant }>;
  /** Any other path, such as `/version` or `/openid/v1/jwks`. The path is sent as it is. */
  getPath(path: `/${string}`, options?: CallOptions): Answer<unknown>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export type MetadataPatch = Partial<Pick<ObjectMeta, 'finalizers' | 'ownerReferences'>> & {
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
};
