/** What Prometheus answered to a query: a line for each set of labels, as pairs of seconds and values. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** A panel of dashboard.json, with what its queries were answered. */
export interface Drawn {
  readonly type: string;
  readonly title: string;
  readonly unit: string;
  readonly isStacked: boolean;
  readonly place: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly lines: readonly Line[];
}

const [column, row] = [58, 34];
const colors = [
  '#73bf69',
  '#f2cc0c',
  '#8ab8ff',
  '#ff780a',
  '#f2495c',
  '#b877d9',
  '#5794f2',
  '#96d98d',
  '#ffb357',
  '#37872d',
];
const colorOf = (at: number): string => colors[at % colors.length] ?? '#ccc';
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A page with the panels where the dashboard has them. It is no Grafana: only what the queries were answered is real. */
export const drawDashboard = (panels: readonly Drawn[], from: number, to: number): string =>
  `<!doctype html><meta charset="utf-8"><style>body{margin:0;background:#111217;color:#ccccdc;font:12px sans-serif}
div{position:absolute;box-sizing:border-box;background:#181b1f;border:1px solid #2c2f34;border-radius:2px;overflow:hidden}
div.row{background:none;border:0;font-size:15px;padding:6px}h1{font-size:12px;font-weight:600;margin:6px 8px}
b{display:block;text-align:center;font-size:32px;font-weight:500}p{margin:0 8px;line-height:14px}span{margin-right:10px;white-space:nowrap}</style>${panels
    .map(({ place: { x, y, w, h }, ...panel }) => {
      const box = `left:${x * column + 4}px;top:${y * row + 4}px;width:${w * column - 6}px;height:${h * row - 6}px`;
      if (panel.type === 'row') return `<div class="row" style="${box}">${escape(panel.title)}</div>`;
      const body =
        panel.type === 'stat'
          ? number(panel)
          : chart(panel, { from, to, width: w * column - 22, height: h * row - 76 });
      return `<div style="${box}"><h1>${escape(panel.title)}</h1>${body}</div>`;
    })
    .join('')}`;

const number = ({ lines, unit }: Pick<Drawn, 'lines' | 'unit'>): string => {
  const value = lines[0]?.points.at(-1)?.[1];
  return `<b style="color:#73bf69">${value === undefined ? 'No data' : written(value, unit)}</b>`;
};

interface Frame {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly height: number;
}

function chart(
  { lines, unit, isStacked }: Pick<Drawn, 'lines' | 'unit' | 'isStacked'>,
  frame: Frame,
): string {
  if (lines.length === 0) return '<b style="color:#666;font-size:16px;margin-top:70px">No data</b>';
  const { from, to, width, height } = frame;
  const stack = new Map<number, number>();
  const drawn = lines.map(({ points }) =>
    points.map(([at, value]) => {
      const below = isStacked ? (stack.get(at) ?? 0) : 0;
      stack.set(at, below + value);
      return { at, below, top: below + value };
    }),
  );
  const most = Math.max(1e-9, ...drawn.flat().map(({ top }) => top)) * 1.1;
  const px = (at: number): string => (44 + ((at - from) / (to - from)) * (width - 50)).toFixed(1);
  const py = (value: number): string => (height - (value / most) * (height - 8)).toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const y = py((part * most) / 1.1);
    return `<line x1="44" x2="${width}" y1="${y}" y2="${y}" stroke="#2c2f34"/><text x="40" y="${y}" fill="#8e8e99" font-size="10" text-anchor="end">${written((part * most) / 1.1, unit)}</text>`;
  });
  const paths = drawn.map((points, at) => {
    const top = points.map((point) => `${px(point.at)},${py(point.top)}`);
    const base = points.map((point) => `${px(point.at)},${py(point.below)}`).reverse();
    const area = isStacked
      ? `<polygon points="${[...top, ...base].join(' ')}" fill="${colorOf(at)}" opacity="0.4"/>`
      : '';
    return `${area}<polyline points="${top.join(' ')}" fill="none" stroke="${colorOf(at)}" stroke-width="1.3"/>`;
  });
  const legend = lines
    .slice(0, 10)
    .map(({ name }, at) => `<span><i style="color:${colorOf(at)}">━</i> ${escape(name)}</span>`);
  return `<svg width="${width}" height="${height + 4}">${grid.join('')}${paths.join('')}</svg><p>${legend.join(' ')}</p>`;
}

function written(value: number, unit: string): string {
  const short = (scaled: number): string => String(Number(scaled.toPrecision(3)));
  switch (unit) {
    case 'percentunit':
      return `${short(value * 100)} %`;
    case 'bytes':
      return `${short(value / 2 ** 20)} MiB`;
    case 's':
      return value < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`;
    case 'ops':
      return `${short(value)}/s`;
    default:
      return short(value);
  }
}
