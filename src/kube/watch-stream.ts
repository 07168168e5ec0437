import { err, ok, type Result } from '../std/result.ts';
import { failureFromErrorEvent, type KubeFailure } from './kube-failure.ts';
import { createLineSplitter } from './line-splitter.ts';
import { isStored, type KubeObject, type Stored } from './objects.ts';

/** What a watch says. A bookmark only tells how far the watch has come. */
export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

/** An object in etcd has at most 1.5 MiB by default; its JSON, with escapes, is never this long. */
const longestLine = 8 * 1024 * 1024;

/**
 * The events of a watch's body. Ends without a word when the server ends it in an orderly way; after a failure (an ERROR event, a
 * line that is too long or makes no sense, a connection that breaks) nothing more comes. Never throws.
 */
export async function* watchEvents<T extends KubeObject>(
  call: string,
  chunks: AsyncIterable<Uint8Array>,
  describeBreak: (cause: unknown) => KubeFailure,
  limit: number = longestLine,
): AsyncGenerator<Result<WatchEvent<T>, KubeFailure>, void, undefined> {
  const splitter = createLineSplitter(limit);
  try {
    for await (const chunk of chunks) {
      const lines = splitter.push(chunk);
      if (!lines.ok) return yield broken(call, lines.error);
      for (const line of lines.value) {
        if (line === '') continue;
        const event = parseWatchLine<T>(call, line);
        yield event;
        if (!event.ok) return;
      }
    }
  } catch (cause) {
    return yield err(describeBreak(cause));
  }
  if (splitter.pending > 0) yield broken(call, 'the last line is cut off');
}

/** Reads one line: `{"type": …, "object": …}`. */
export function parseWatchLine<T extends KubeObject>(
  call: string,
  line: string,
): Result<WatchEvent<T>, KubeFailure> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return broken(call, 'a line is not JSON');
  }
  const { type, object } = (parsed ?? {}) as { type?: unknown; object?: unknown };
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return isStored(object)
        ? ok({ type, object: object as Stored<T> })
        : broken(call, 'an object has no identity');
    case 'BOOKMARK':
      return parseBookmark(call, object);
    case 'ERROR':
      return err(failureFromErrorEvent(call, object));
    default:
      return broken(call, 'an event has an unknown type');
  }
}

function parseBookmark(
  call: string,
  object: unknown,
): Result<Extract<WatchEvent, { type: 'BOOKMARK' }>, KubeFailure> {
  const metadata = (object as { metadata?: Partial<KubeObject['metadata']> } | null)?.metadata;
  const resourceVersion = metadata?.resourceVersion;
  if (typeof resourceVersion !== 'string' || resourceVersion === '')
    return broken(call, 'a bookmark has no version');
  const initialEventsEnd = metadata?.annotations?.['k8s.io/initial-events-end'] === 'true';
  return ok({ type: 'BOOKMARK', resourceVersion, initialEventsEnd });
}

const broken = (call: string, what: string): Result<never, KubeFailure> =>
  err({ kind: 'malformed', message: `${call}: the watch makes no sense: ${what}` });
