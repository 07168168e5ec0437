import { paint, type Style, type Terminal } from './terminal.ts';

/** One cell: a text, or one in a style. */
export type Cell = string | { readonly text: string; readonly style: Style };

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

/** Columns as kubectl aligns them: three spaces in between, nothing at the end of a line. An empty cell is a dash only where it would mislead. */
export function renderTable(
  terminal: Pick<Terminal, 'colours'>,
  header: readonly string[] | undefined,
  rows: readonly (readonly Cell[])[],
): string[] {
  const all = header === undefined ? rows : [header, ...rows];
  const columns = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...all.map((row) => textOf(row[column] ?? '').length)),
  );
  const line = (row: readonly Cell[]): string =>
    row
      .map((cell, column) => {
        const isLast = column === row.length - 1;
        const padding = isLast ? '' : ' '.repeat((widths[column] ?? 0) - textOf(cell).length + 3);
        return (typeof cell === 'string' ? cell : paint(terminal, cell.style, cell.text)) + padding;
      })
      .join('')
      .trimEnd();
  return all.map(line);
}
