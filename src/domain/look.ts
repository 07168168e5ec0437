import { fractionOf } from '../std/digest.ts';
import type { Duration } from '../std/duration.ts';
import { type Instant, instantOf } from '../std/instant.ts';

/** What was seen of a client when it was last compared with what its issuer holds. Kept in memory only. */
export interface Look {
  /** When that was; where there was none yet, since when we know of the client. */
  readonly at: Instant;
  /** Of the registration that it was compared with; none where there was no look yet. */
  readonly hash?: string;
  /** In which respects the issuer held something else. */
  readonly differences: readonly string[];
  /** The issuer did not know the client, or not by the token that it is managed with. */
  readonly isGone?: true;
  /** Somebody has reason to look before its time. */
  readonly isDue?: true;
}

/**
 * When to look again. Each client has a place of its own in every interval, by its UID: those of a thousand are spread over it, and a
 * restart neither moves them nor asks for anything before its time.
 */
export function nextLook({ at }: Look, uid: string, every: Duration): Instant {
  const place = fractionOf(uid) * every;
  return instantOf(Math.ceil(place + (Math.floor((at - place) / every) + 1) * every));
}
