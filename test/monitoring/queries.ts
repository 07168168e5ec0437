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

/** A name, perhaps with matchers of labels and a range. */
const selector = /\b([a-z][\w:]*)\s*(\{[^}]*\})?(\[[^\]]*\])?/g;
const words =
  /^(?:sum|max|min|count|group|on|group_left|rate|increase|time|absent|histogram_quantile|vector|or|and|unless|bool)$/;
const labelLists = /\b(?:by|on|group_left)\s*\(([^)]*)\)/g;

/** What a query asks of metrics that is not so: a name that no page has, a label that the metric has not, a rate of what does not count up. */
export function faultsOf(
  query: string,
  known: ReadonlyMap<string, Known>,
  recorded: ReadonlySet<string> = new Set(),
): string[] {
  const asked = Array.from(
    query
      .replace(labelLists, ' ')
      .replace(/\boffset\s+\w+/g, ' ')
      .matchAll(selector),
    ([, name = '', matchers = '', range]) => ({ name, matchers, range, metric: known.get(name) }),
  ).filter(({ name }) => !words.test(name) && !recorded.has(name));
  // What is compared with itself a while ago may be a counter as it is.
  const mayBeRaw = /\bunless\b/.test(query);
  const faults = asked.flatMap(({ name, matchers, range, metric }) => {
    if (metric === undefined) return [`there is no metric ${name}`];
    const isCounter = metric.type === 'counter';
    return [
      ...(range !== undefined && !isCounter ? [`${name} does not count up`] : []),
      ...(range === undefined && isCounter && !mayBeRaw ? [`${name} counts up: take its rate`] : []),
      ...Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g), ([, label = '']) => label)
        .filter((label) => !metric.labels.includes(label) && !added.includes(label))
        .map((label) => `${name} has no label ${label}`),
    ];
  });
  const labels = new Set([...added, ...asked.flatMap(({ metric }) => metric?.labels ?? [])]);
  const listed = Array.from(query.matchAll(labelLists), ([, list = '']) => list.split(',')).flat();
  const unknown = listed.map((label) => label.trim()).filter((label) => label !== '' && !labels.has(label));
  return [...faults, ...unknown.map((label) => `no metric of the query has a label ${label}`)];
}
