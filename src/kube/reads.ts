import { toSeconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import { describeCause } from './describe-cause.ts';
import type { CallOptions, KubeClient, ListPage, Selection } from './kube-client.ts';
import type { KubeFailure } from './kube-failure.ts';
import { isStored, type KubeObject, type Stored } from './objects.ts';
import {
  apiVersionOf,
  collectionPath,
  type ObjectName,
  objectPath,
  type ResourceKind,
} from './resource-path.ts';
import type { Transport } from './transport.ts';
import { watchEvents } from './watch-stream.ts';

const defaultPageSize = 500;
const metadataOnly = (plural: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string =>
  `application/json;as=${plural};g=meta.k8s.io;v=v1`;

/** The keys of ServiceAccount tokens come in their own media type (RFC 7517 section 8.5.2), and in no other. */
const anyJSON = 'application/json, application/jwk-set+json';

/** A page whose items have not been looked at yet. */
interface RawPage {
  readonly resourceVersion: string;
  /** The `continue` token; empty on the last page. */
  readonly next: string;
  readonly items: readonly unknown[];
}

/** The reading half of `KubeClient`. */
export function createReads(transport: Transport): Pick<KubeClient, 'get' | 'list' | 'watch' | 'getPath'> {
  return {
    async get<T extends KubeObject>(kind: ResourceKind, at: ObjectName, options?: CallOptions) {
      const path = objectPath(kind, at);
      if (!path.ok) return path;
      return expectStored<T>(
        await transport.call({ method: 'GET', path: path.value, ...options }),
        path.value,
      );
    },

    async *list(kind, options = {}) {
      const { pageSize = defaultPageSize, signal, timeout } = options;
      const path = collectionPath(kind, options.namespace);
      if (!path.ok) return yield path;
      let next: string | undefined;
      do {
        const answer = await transport.call({
          method: 'GET',
          path: path.value,
          query: { ...selectionQuery(options), limit: String(pageSize), continue: next },
          ...(options.metadataOnly ? { accept: metadataOnly('PartialObjectMetadataList') } : {}),
          signal,
          timeout,
        });
        const page = answer.ok ? expectPage(answer.value, path.value) : answer;
        if (!page.ok) return yield page;
        yield ok(readPage(kind, page.value, options.metadataOnly === true));
        next = page.value.next;
      } while (next !== '');
    },

    async watch(kind, options) {
      const path = collectionPath(kind, options.namespace);
      if (!path.ok) return path;
      const body = await transport.open({
        method: 'GET',
        path: path.value,
        query: {
          ...selectionQuery(options),
          watch: 'true',
          allowWatchBookmarks: 'true',
          ...(options.resourceVersion === undefined
            ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
            : { resourceVersion: options.resourceVersion }),
          timeoutSeconds: String(toSeconds(options.lasting)),
        },
        ...(options.metadataOnly ? { accept: metadataOnly('PartialObjectMetadata') } : {}),
        signal: options.signal,
        timeout: options.timeout,
      });
      if (!body.ok) return body;
      const call = `watch ${path.value}`;
      return ok(
        watchEvents(call, body.value, (cause) => ({
          kind: 'unavailable',
          message: `${call}: ${describeCause(cause)}`,
        })),
      );
    },

    getPath: (path, options) => transport.call({ method: 'GET', path, accept: anyJSON, ...options }),
  };
}

const selectionQuery = ({ labelSelector, fieldSelector }: Selection): Record<string, string | undefined> => ({
  labelSelector,
  fieldSelector,
});

/** Checks that the answer is an object that the server stores. */
export function expectStored<T extends KubeObject>(
  answer: Result<unknown, KubeFailure>,
  path: string,
): Result<Stored<T>, KubeFailure> {
  if (!answer.ok) return answer;
  return isStored(answer.value)
    ? ok(answer.value as Stored<T>)
    : senseless(path, 'an object without identity');
}

function expectPage(body: unknown, path: string): Result<RawPage, KubeFailure> {
  // Metadata-only lists without items have `"items": null`.
  const { metadata, items } = (body ?? {}) as { metadata?: Record<string, unknown> | null; items?: unknown };
  const { resourceVersion, continue: next = '' } = metadata ?? {};
  return typeof resourceVersion === 'string' &&
    typeof next === 'string' &&
    (items === null || Array.isArray(items))
    ? ok({ resourceVersion, next, items: items ?? [] })
    : senseless(path, 'no list');
}

/** Items of a list come without `apiVersion` and `kind`: they get them here, so that one decoder fits all. */
function readPage<T extends KubeObject>(kind: ResourceKind, page: RawPage, isPartial: boolean): ListPage<T> {
  const items = page.items.filter(isStored);
  const named = isPartial ? {} : { apiVersion: apiVersionOf(kind), kind: kind.kind };
  return {
    items: items.map((item) => Object.assign(item, named) as Stored<T>),
    resourceVersion: page.resourceVersion,
    malformed: page.items.length - items.length,
  };
}

const senseless = (path: string, what: string): Result<never, KubeFailure> =>
  err({ kind: 'malformed', message: `${path}: the API server answered with ${what}` });
