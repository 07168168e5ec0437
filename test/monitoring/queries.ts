import { runtimeMetrics } from '../../src/runtime/runtime-metrics.ts';
import { grantorMetrics } from '../../src/telemetry/grantor-metrics.ts';
import { createMetrics, type MetricDefinition } from '../../src/telemetry/metrics.ts';

type Known = Pick<MetricDefinition, 'type' | 'labels'>;

/** Labels that Prometheus adds to whatever it scrapes. */
const added = ['instance', 'job', 'namespace', 'pod', 'node'];

/** Every metric that a page of ours has, Node.js' included, by its name there. */
export async function knownMetrics(): Promise<ReadonlyMap<string, Known>> {
  const ours = Object.entries<MetricDefinition>({ ...runtimeMetrics, ...grantorMetrics });
  const { body } = await createMetrics({}).page();
  const theirs = Array.from(body.matchAll(/^# TYPE (\S+) (\w+)$/gm), ([, name = '', type]) => {
    const labels = body.matchAll(new RegExp(`^${name}(?:_\\w+)?\\{([^}]*)\\}`, 'gm'));
    const names = Array.from(labels, ([, set = '']) => set.matchAll(/(\w+)=/g)).flatMap((all) =>
      Array.from(all, ([, label = '']) => label),
    );
    return [name, { type: type as Known['type'], labels: names }] as const;
  });
  return new Map([...ours, ...theirs].flatMap(([name, known]) => seriesOf(name, known)));
}

/** A histogram has three series, whose values all count up. */
function seriesOf(name: string, { type, labels }: Known): readonly (readonly [string, Known])[] {
  if (type !== 'histogram') return [[name, { type, labels }]];
  const counter = { type: 'counter', labels } as const;
  return [
    [`${name}_bucket`, { type: 'counter', labels: [...labels, 'le'] }],
    [`${name}_sum`, counter],
    [`${name}_count`, counter],
  ];
}

const selector = /\b([a-z]\w*:?[\w:]*)\s*(\{[^}]*\})?(\[[^\]]*\])?/g;
const words =
  /^(?:sum|max|min|avg|count|group|topk|by|without|on|ignoring|group_left|group_right|rate|increase|delta|irate|time|absent|histogram_quantile|clamp_max|clamp_min|vector|scalar|label_replace|round|or|and|unless|offset|bool|le|inf)$/;

/** What a query asks of metrics that is not so: a name that no page has, a label that the metric has not, a rate of what does not count up. */
export function faultsOf(
  query: string,
  known: ReadonlyMap<string, Known>,
  recorded: ReadonlySet<string> = new Set(),
): string[] {
  // `by (…)` names labels; a text in quotes is no name, nor is a duration.
  const labelLists = Array.from(
    query.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g),
    ([, list = '']) => list,
  );
  const rest = query
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
    .replace(/offset\s+\w+/g, ' ');
  const used = Array.from(rest.matchAll(selector)).filter(
    ([, name = ''], at, all) => !words.test(name) && all[at]?.[0] !== undefined && !/^\d/.test(name),
  );
  const faults: string[] = [];
  const labels = new Set(added);
  for (const [, name = '', braces = '', range] of used) {
    const metric = known.get(name);
    if (recorded.has(name)) {
      for (const label of ['issuer']) labels.add(label);
      continue;
    }
    if (metric === undefined) {
      faults.push(`there is no metric ${name}`);
      continue;
    }
    for (const label of metric.labels) labels.add(label);
    if (range !== undefined && metric.type !== 'counter') faults.push(`${name} does not count up`);
    if (range === undefined && metric.type === 'counter' && !/\bunless\b/.test(query))
      faults.push(`${name} counts up: take its rate`);
    for (const [, label = ''] of braces.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g))
      if (!metric.labels.includes(label) && !added.includes(label))
        faults.push(`${name} has no label ${label}`);
  }
  for (const label of labelLists.flatMap((list) => list.split(',').map((text) => text.trim())))
    if (label !== '' && !labels.has(label)) faults.push(`no metric of the query has a label ${label}`);
  return faults;
}
