import { align } from '../test/stage/align.ts';
import type { Figure } from './figure.ts';

const headings = ['id', 'what', 'figure', 'bar', '', 'bare loop'];

/** The figures of all benches, aligned. */
export function drawTable(figures: readonly (Figure & { readonly id: string })[]): string {
  const rows = figures.map(({ id, what, value, bar, good, bare }) => [
    id,
    what,
    value,
    bar,
    bar === '' ? '' : good ? 'ok' : 'MISS',
    bare,
  ]);
  return align([headings, ...rows]).join('\n');
}
