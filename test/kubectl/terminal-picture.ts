/** What a terminal shows, as a drawing: text with the colours that the program asked for (ECMA-48 SGR), in a window without decoration. */
export function terminalPicture(command: string, output: string): string {
  const lines = [`$ ${command}`, ...output.trimEnd().split('\n').flatMap(wrap)];
  const columns = Math.max(...lines.map((line) => plain(line).length));
  const [width, height] = [columns * cell.width + 2 * margin, lines.length * cell.height + 2 * margin];
  const rows = lines.map((line, n) => {
    const y = margin + (n + 0.75) * cell.height;
    return spansOf(line).map(({ text, column, style }) => {
      const x = margin + column * cell.width;
      // The length is given, so that columns stay columns whatever font there is.
      return `<text x="${round(x)}" y="${round(y)}" textLength="${round(text.length * cell.width)}"${style}>${escape(text)}</text>`;
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" role="img" aria-label="${escape(command)}">`,
    `<rect width="100%" height="100%" rx="8" fill="#1b1f27"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13" fill="#d6dae2" xml:space="preserve">`,
    ...rows.flat(),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const cell = { width: 7.8, height: 18 };
const margin = 16;

/** By SGR parameter; the dark colours of a terminal are hard to read on this ground. */
const styles: Readonly<Record<string, string>> = {
  1: ' font-weight="bold"',
  2: ' fill="#8b93a3"',
  31: ' fill="#ff7b72"',
  32: ' fill="#7ee787"',
  33: ' fill="#e3b341"',
};

/** A terminal of this width breaks what is longer. */
const longest = 130;

function wrap(line: string): string[] {
  const shown = plain(line).length;
  if (shown <= longest) return [line];
  // Styles end long before the edge, so that all escape sequences stay on this side.
  const cut = longest + line.length - shown;
  return [line.slice(0, cut), ...wrap(line.slice(cut))];
}

interface Span {
  readonly text: string;
  readonly column: number;
  readonly style: string;
}

/** Pieces of a line in one style each; runs of spaces are left out, since nobody sees them. */
function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let column = 0;
  let style = '';
  for (const part of line.split(sgr)) {
    const parameter = part.startsWith('\u001b[') ? part.slice(2, -1) : undefined;
    if (parameter !== undefined) style = styles[parameter] ?? '';
    else {
      for (const { 0: text, index } of part.matchAll(/\S+(?: \S+)*/g))
        spans.push({ text, column: column + index, style });
      column += part.length;
    }
  }
  return spans;
}

// oxlint-disable-next-line no-control-regex -- that is what terminals are told by
const sgr = /(\u001b\[\d+m)/;
const plain = (line: string): string =>
  line
    .split(sgr)
    .filter((_, n) => n % 2 === 0)
    .join('');

const round = (value: number): string => String(Math.round(value * 10) / 10);
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
