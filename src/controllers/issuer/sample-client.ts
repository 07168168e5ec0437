import type { Instant } from '../../std/instant.ts';
import { heldClients } from '../client/held-clients.ts';
import type { Environment } from '../environment.ts';

/** Which client of an issuer was last looked at on behalf of all of them. Kept in memory only. */
export interface Sample {
  readonly at: Instant;
  readonly uid: string | undefined;
}

/** Has one client of an issuer looked at: the next by its UID, and the first after the last. */
export function sampleClient(
  { world, looks, clock }: Pick<Environment, 'world' | 'looks' | 'clock'>,
  issuer: string,
  last: Sample | undefined,
): Sample {
  const held = heldClients(world, issuer).sort((one, other) => (one.uid < other.uid ? -1 : 1));
  const next = held.find(({ uid }) => last?.uid === undefined || uid > last.uid) ?? held[0];
  if (next !== undefined) looks.hasten(next.uid, next.key);
  return { at: clock.now(), uid: next?.uid };
}
