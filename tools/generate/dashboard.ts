import { type Panel, type Row, rows } from '../monitoring/dashboard.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';

const datasource = { type: 'prometheus', uid: '${datasource}' };
/** Of the 24 columns that Grafana has. */
const size = { number: { w: 4, h: 4 }, lines: { w: 12, h: 8 }, areas: { w: 12, h: 8 } } as const;

/** `charts/grantor/files/dashboard.json`: the dashboard in the JSON model of Grafana. */
export function dashboard(): readonly GeneratedFile[] {
  const content = {
    description: generatedBy('tools/monitoring/dashboard.ts'),
    title: 'Grantor',
    uid: 'grantor',
    tags: ['grantor', 'oauth'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    links: [],
    annotations: { list: [] },
    templating: {
      list: [
        {
          name: 'datasource',
          label: 'Prometheus',
          type: 'datasource',
          query: 'prometheus',
          hide: 0,
          current: {},
        },
        variable('issuer', 'Issuer'),
        variable('tenant', 'Tenant'),
      ],
    },
    panels: arranged(rows),
  };
  return [{ path: 'charts/grantor/files/dashboard.json', content: `${JSON.stringify(content, null, 2)}\n` }];
}

const variable = (label: 'issuer' | 'tenant', name: string) => ({
  name: label,
  label: name,
  type: 'query',
  datasource,
  query: { query: `label_values(grantor_tokens_issued_total, ${label})`, refId: label },
  refresh: 2,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
  sort: 1,
});

/** Panels side by side as long as there is room, each row below the one before. */
function arranged(all: readonly Row[]): object[] {
  const panels: object[] = [];
  let [id, x, y, height] = [0, 0, 0, 0];
  const nextLine = (): void => {
    y += height;
    [x, height] = [0, 0];
  };
  for (const { title, panels: inRow } of all) {
    nextLine();
    panels.push({
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    });
    y += 1;
    for (const panel of inRow) {
      const { w, h } = size[panel.shows];
      if (x + w > 24) nextLine();
      panels.push({ id: ++id, ...drawn(panel), gridPos: { x, y, w, h } });
      x += w;
      height = Math.max(height, h);
    }
  }
  return panels;
}

const drawn = ({ title, description, shows, unit, queries, worry }: Panel): object => ({
  type: shows === 'number' ? 'stat' : 'timeseries',
  title,
  ...(description === undefined ? {} : { description }),
  datasource,
  targets: queries.map(([expr, legendFormat], at) => ({
    refId: String.fromCharCode(65 + at),
    datasource,
    expr,
    legendFormat,
    ...(shows === 'number' ? { instant: true } : { range: true }),
  })),
  fieldConfig: {
    defaults: {
      unit,
      ...(shows === 'number' ? { thresholds: thresholdsOf(worry) } : { min: 0, custom: lineOf(shows) }),
    },
    overrides: [],
  },
  options:
    shows === 'number'
      ? { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'] } }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
});

const lineOf = (shows: 'lines' | 'areas') =>
  shows === 'areas'
    ? { lineWidth: 1, fillOpacity: 40, stacking: { mode: 'normal' } }
    : { lineWidth: 1, fillOpacity: 0 };

const thresholdsOf = ({ from, below }: NonNullable<Panel['worry']> = {}) => ({
  mode: 'absolute',
  steps: [
    { color: below === undefined ? 'green' : 'red', value: null },
    ...(from === undefined ? [] : [{ color: 'red', value: from }]),
    ...(below === undefined ? [] : [{ color: 'green', value: below }]),
  ],
});
