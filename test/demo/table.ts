import { formatDuration } from '../../src/std/duration.ts';
import { align } from '../stage/align.ts';
import type { BindingView } from './bindings.ts';

const headings = ['BINDING', 'TENANT', 'READY', 'REASON', 'EXPIRES IN', 'ROTATIONS', 'LAST REFUSAL'] as const;

/** The bindings as a table, at most `width` columns wide. */
export function drawTable(bindings: readonly BindingView[], width: number): string {
  const rows = bindings.map(({ namespace, name, tenant, ready, reason, expiresIn, generation, refusal }) => [
    `${namespace}/${name}`,
    tenant,
    ready,
    reason,
    expiresIn === undefined ? '–' : expiresIn > 0 ? formatDuration(expiresIn) : 'expired',
    String(Math.max(0, generation - 1)),
    refusal,
  ]);
  return align([headings, ...rows])
    .map((line) => line.slice(0, width))
    .join('\n');
}
