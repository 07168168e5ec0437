import { type AuditEvent, readAudit, selectEtcdWrites, selectRequests } from '../cluster/audit-log.ts';
import { controllerUser } from '../stage/stage.ts';
import type { BindingView } from './bindings.ts';

/** The last line of `make demo ONCE=1`. What needs the audit log is null on a cluster that is not ours. */
export interface Figures {
  readonly ready: number;
  readonly refused: number;
  readonly rotations: number;
  readonly apiCallsPerRotation: number | null;
  readonly etcdWritesPerRotation: number | null;
  readonly secondsToFirstToken: number | null;
}

/** The quickstart's workloads that get their tokens; the eleventh does not. */
export const goodBindings = 10;

/** What the figures have to be. */
const promises: readonly [promise: string, kept: (figures: Figures) => boolean][] = [
  [`ready is ${goodBindings}`, ({ ready }) => ready === goodBindings],
  ['refused is 1', ({ refused }) => refused === 1],
  ['rotations >= 100', ({ rotations }) => rotations >= 100],
  ['apiCallsPerRotation <= 2.05', ({ apiCallsPerRotation }) => (apiCallsPerRotation ?? 0) <= 2.05],
  ['etcdWritesPerRotation <= 1.05', ({ etcdWritesPerRotation }) => (etcdWritesPerRotation ?? 0) <= 1.05],
  ['secondsToFirstToken <= 10', ({ secondsToFirstToken }) => (secondsToFirstToken ?? 0) <= 10],
];

/** The promises that these figures break. A figure that could not be had breaks none. */
export const brokenPromises = (figures: Figures): string[] =>
  promises.filter(([, kept]) => !kept(figures)).map(([promise]) => promise);

/** Where counting starts: when every good binding has its first token. */
export interface Baseline {
  readonly auditOffset: number;
  readonly generations: ReadonlyMap<string, number>;
}

const keyOf = ({ namespace, name }: BindingView): string => `${namespace}/${name}`;
const round = (n: number): number => Math.round(n * 1000) / 1000;

export const isGood = ({ ready, generation }: BindingView): boolean => ready === 'True' && generation > 0;

export function takeBaseline(auditLog: string | undefined, bindings: readonly BindingView[]): Baseline {
  return {
    auditOffset: auditLog === undefined ? 0 : readAudit(auditLog).offset,
    generations: new Map(bindings.filter(isGood).map((binding) => [keyOf(binding), binding.generation])),
  };
}

/** How often each good binding was rotated since the baseline, fewest first. */
export const rotationsSince = ({ generations }: Baseline, bindings: readonly BindingView[]): number[] =>
  bindings
    .filter((binding) => generations.has(keyOf(binding)))
    .map((binding) => Math.max(0, binding.generation - (generations.get(keyOf(binding)) ?? 0)))
    .sort((a, b) => a - b);

/**
 * Counts what our user sent in the same span as the rotations: everything but watches and the Lease, TokenRequests included
 * (05-performance: calls; writes that reach etcd).
 */
export function measure(
  auditLog: string | undefined,
  baseline: Baseline,
  bindings: readonly BindingView[],
): Figures {
  const rotations = rotationsSince(baseline, bindings).reduce((sum, n) => sum + n, 0);
  const common = {
    ready: bindings.filter(isGood).length,
    refused: bindings.filter(({ refusal }) => refusal !== '').length,
    rotations,
  };
  if (auditLog === undefined) {
    return { ...common, apiCallsPerRotation: null, etcdWritesPerRotation: null, secondsToFirstToken: null };
  }
  const { events } = readAudit(auditLog, baseline.auditOffset);
  const filter = { user: controllerUser };
  const isLease = ({ resource }: AuditEvent): boolean => resource === 'leases';
  const calls = selectRequests(events, filter).filter((event) => event.verb !== 'watch' && !isLease(event));
  const writes = selectEtcdWrites(events, filter).filter((event) => !isLease(event));
  return {
    ...common,
    apiCallsPerRotation: round(calls.length / Math.max(1, rotations)),
    etcdWritesPerRotation: round(writes.length / Math.max(1, rotations)),
    secondsToFirstToken: secondsToFirstToken(auditLog),
  };
}

/** From the first object of the quickstart that was applied to the first token Secret that was stored, by the API server's clock. */
function secondsToFirstToken(auditLog: string): number | null {
  const { events } = readAudit(auditLog);
  const applied = events.find(({ resource, verb }) => resource === 'oauthissuers' && verb === 'patch');
  const delivered = selectRequests(events, { user: controllerUser }).find(
    ({ verb, resource, namespace }) =>
      verb === 'create' && resource === 'secrets' && namespace !== 'grantor-system',
  );
  if (applied === undefined || delivered === undefined) return null;
  return round((Date.parse(delivered.at) - Date.parse(applied.at)) / 1000);
}
