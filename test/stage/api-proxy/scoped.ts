import { systemClock } from '../../../src/std/clock.ts';
import type { Duration } from '../../../src/std/duration.ts';
import { type ApiRequest, matches, type RequestMatch } from './api-request.ts';

/** How long something holds: until it is taken back unless this says less. */
export interface Scope {
  /** For this many matches. */
  readonly times?: number;
  readonly lasting?: Duration;
}

/** Things that hold for some requests for some time. */
export interface Scoped<T> {
  /** What is returned takes it back. */
  add(match: RequestMatch, item: T, scope?: Scope): () => void;
  /** All that hold for a request, the oldest first. Counts as one use of each. */
  use(request: ApiRequest): readonly T[];
  clear(): void;
}

export function createScoped<T>(): Scoped<T> {
  const entries = new Set<{ readonly match: RequestMatch; readonly item: T; left: number }>();
  return {
    add(match, item, { times = Infinity, lasting } = {}) {
      const entry = { match, item, left: times };
      entries.add(entry);
      const remove = (): void => void entries.delete(entry);
      if (lasting !== undefined) systemClock.after(lasting, remove);
      return remove;
    },
    use(request) {
      const found = [...entries].filter(({ match, left }) => left > 0 && matches(request, match));
      for (const entry of found) entry.left -= 1;
      return found.map(({ item }) => item);
    },
    clear: () => entries.clear(),
  };
}
