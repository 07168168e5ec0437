import { type Duration, minutes } from '../std/duration.ts';
import { type Instant, minus } from '../std/instant.ts';
import { leftBehind, type Marked, readMark } from './mark.ts';
import { markIn, type Registration, type RegistrationRecord } from './registration-record.ts';

/** A client at an issuer that bears a mark of Grantor's. */
export interface ListedClient {
  readonly mark: string;
  readonly registration: Registration;
}

/** Everything that a sweep of one issuer rests on. */
export interface SweepFacts {
  readonly clusterID: string;
  /** What the issuer lists, to its end. */
  readonly listed: readonly ListedClient[];
  /** The records of clients at this issuer, before it was listed. */
  readonly recordsBefore: readonly RegistrationRecord[];
  /** The same afterwards. */
  readonly records: readonly RegistrationRecord[];
  /** UIDs of the OAuthClients that there are. */
  readonly clientUIDs: ReadonlySet<string>;
  /** The orphans of the sweep before, and since when they are known. */
  readonly known: ReadonlyMap<string, Instant>;
}

/** A client of ours of which nobody here knows. */
export interface Orphan extends ListedClient {
  readonly of: Marked;
}

export interface SweepPlan {
  /** Those that are to be deleted: they were orphans in the sweep before, and long enough. */
  readonly due: readonly Orphan[];
  /** All that there are, for the next sweep. */
  readonly known: ReadonlyMap<string, Instant>;
}

/** Between the first sight of an orphan and its end. Somebody may be bringing a cluster back. */
export const sweepPatience: Duration = minutes(10);

/**
 * What is swept from an issuer, or why nothing is, in a sentence: a list that does not have what we know to be there may lack, or be, anything.
 */
export function planSweep(facts: SweepFacts, now: Instant): SweepPlan | string {
  const { clusterID, listed, recordsBefore, records, clientUIDs } = facts;
  const ids = new Set(listed.map(({ registration }) => registration.clientID));
  const missing = recordsBefore.find(
    ({ phase, registeredHash, registration }) =>
      phase === 'Registered' &&
      registeredHash !== undefined &&
      registration &&
      !ids.has(registration.clientID),
  );
  if (missing?.registration !== undefined)
    return `the list lacks client ${missing.registration.clientID}, which is registered`;
  const ownIDs = new Set(records.map(({ registration, adopts }) => registration?.clientID ?? adopts));
  const ownMarks = new Set(records.map((record) => markIn(clusterID, record)));
  const known = new Map<string, Instant>();
  const due: Orphan[] = [];
  for (const client of listed) {
    const of = readMark(client.mark);
    if (of?.clusterID !== clusterID || of.uid === leftBehind || clientUIDs.has(of.uid)) continue;
    if (ownIDs.has(client.registration.clientID) || ownMarks.has(client.mark)) continue;
    const key = `${client.mark} ${client.registration.clientID}`;
    const since = facts.known.get(key);
    known.set(key, since ?? now);
    if (since !== undefined && since <= minus(now, sweepPatience)) due.push({ ...client, of });
  }
  return { due, known };
}
