import { readDelivered } from '../../../src/delivery/token-secret.ts';
import { between, type Instant } from '../../../src/std/instant.ts';
import type { FakeApiServer } from '../../fakes/fake-api-server/fake-api-server.ts';
import type { FakeClock } from '../../fakes/fake-clock.ts';
import { isToken, type StoredSecret } from '../invariants/stored.ts';

/** What became of the tokens of a scene. */
export interface TokenEnds {
  renewals: number;
  /** The least that a token had left when its successor came, in seconds; below zero for a time without a token that is good. */
  smallestLeft: number;
  /** Renewals that came after the end, and when the last of them did, in milliseconds since the beginning. */
  late: number;
  lastLate: number;
}

/** Follows every token Secret from now on, also over the time in which an expired token was removed and none was there. */
export function followTokens(server: FakeApiServer, clock: FakeClock): TokenEnds {
  const found: TokenEnds = { renewals: 0, smallestLeft: Infinity, late: 0, lastLate: 0 };
  const ends = new Map<string, Instant>();
  server.storage.watchers.add(({ plural, current }) => {
    const secret: StoredSecret | undefined = current;
    if (plural !== 'secrets' || secret === undefined || !isToken(secret)) return;
    const { name } = secret.metadata;
    const before = ends.get(name);
    const delivered = readDelivered(secret.metadata);
    if (delivered === undefined) throw new Error(`${name} does not say when its token ends`);
    ends.set(name, delivered.expiresAt);
    if (before === undefined) return;
    found.renewals += 1;
    const left = between(clock.now(), before) / 1000;
    found.smallestLeft = Math.min(found.smallestLeft, left);
    if (left > 0) return;
    found.late += 1;
    found.lastLate = clock.elapsed();
  });
  return found;
}
