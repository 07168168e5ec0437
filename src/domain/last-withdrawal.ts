import type { WithdrawalStatus } from '../api/withdrawal-field.ts';
import { minutes } from '../std/duration.ts';
import { between, earliest, formatInstant, type Instant, instantIn, instantOf } from '../std/instant.ts';

/** What a status says of an object that something is taken away from. */
export interface Withdrawable {
  readonly status?: { readonly withdrawal?: WithdrawalStatus | undefined } | undefined;
}

/** The last time that a tenant lost something, over all its objects. */
export type LastWithdrawal = {
  readonly reason: string;
  readonly startedAt: string;
  readonly clients: number;
  readonly bindings: number;
  readonly revocation: 'Confirmed' | 'Unconfirmed';
  readonly exposedUntil?: string;
};

/** What loses its rights for one reason within this time loses them by one act of somebody. */
const oneAct = minutes(1);

/** Sums up the latest of what was taken away and has not been given back. Countdowns are no withdrawals yet. */
export function lastWithdrawal(
  clients: readonly Withdrawable[],
  bindings: readonly Withdrawable[],
): LastWithdrawal | undefined {
  const [ofClients, ofBindings] = [clients, bindings].map((objects) =>
    objects.flatMap(({ status }) => (status?.withdrawal?.revocation ? [status.withdrawal] : [])),
  ) as [WithdrawalStatus[], WithdrawalStatus[]];
  const all = [...ofClients, ...ofBindings];
  const newest = latest(all.map(({ startedAt }) => startedAt));
  const reason = all.find(({ startedAt }) => timeOf(startedAt) === newest)?.reason;
  if (newest === undefined || reason === undefined) return undefined;
  const belongs = (one: WithdrawalStatus): boolean =>
    one.reason === reason && between(timeOf(one.startedAt), newest) <= oneAct;
  const members = all.filter(belongs);
  const ends = members.flatMap(({ exposedUntil }) => exposedUntil ?? []);
  // Of one it is not known yet.
  const exposedUntil = ends.length < members.length ? undefined : latest(ends);
  return {
    reason,
    startedAt: formatInstant(earliest(...members.map(({ startedAt }) => timeOf(startedAt)))),
    clients: ofClients.filter(belongs).length,
    bindings: ofBindings.filter(belongs).length,
    revocation: members.every(({ revocation }) => revocation === 'Confirmed') ? 'Confirmed' : 'Unconfirmed',
    ...(exposedUntil === undefined ? {} : { exposedUntil: formatInstant(exposedUntil) }),
  };
}

const timeOf = (text: string): Instant => instantIn(text) ?? instantOf(0);

const latest = (texts: readonly string[]): Instant | undefined =>
  texts.length === 0 ? undefined : instantOf(Math.max(...texts.map(timeOf)));
