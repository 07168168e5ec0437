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
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [headings, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
