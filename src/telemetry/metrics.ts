import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';

/** One metric, as it is documented and exposed. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

export type MetricCatalogue = Readonly<Record<string, MetricDefinition>>;

type NameOf<C extends MetricCatalogue, Type extends MetricDefinition['type']> = {
  [Name in keyof C]: C[Name]['type'] extends Type ? Name : never;
}[keyof C];

/** The labels that a metric must be given: a missing or misspelt one does not compile. */
type LabelsOf<C extends MetricCatalogue, Name extends keyof C> = Readonly<
  Record<C[Name]['labels'][number], string>
>;

/** The metrics of one process. */
export interface Metrics<C extends MetricCatalogue> extends MetricsPage {
  count<Name extends NameOf<C, 'counter'>>(name: Name, labels: LabelsOf<C, Name>, by?: number): void;
  set<Name extends NameOf<C, 'gauge'>>(name: Name, labels: LabelsOf<C, Name>, value: number): void;
  /** What these labels stand for is gone: without it a gauge would show its last value for ever. */
  drop<Name extends NameOf<C, 'gauge'>>(name: Name, labels: LabelsOf<C, Name>): void;
  observe<Name extends NameOf<C, 'histogram'>>(name: Name, labels: LabelsOf<C, Name>, value: number): void;
}

export interface MetricsPage {
  /** The page for a scraper, in the text format of Prometheus. */
  page(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Makes the metrics of a catalogue, and those of Node.js itself (`nodejs_…`, `process_…`). */
export function createMetrics<C extends MetricCatalogue>(catalogue: C): Metrics<C> {
  const registry = new Registry();
  // As the library has it, looking at the event loop a hundred times a second costs half a percent of a core. An idle loop reads 0.1 s now.
  collectDefaultMetrics({
    register: registry,
    eventLoopMonitoringPrecision: 100,
    eventLoopUtilizationTimeout: 1000,
  });
  const instruments = new Map<keyof C, Counter<string> | Gauge<string> | Histogram<string>>();
  for (const [name, { type, labels, help, buckets = [] }] of Object.entries<MetricDefinition>(catalogue)) {
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'counter') instruments.set(name, new Counter(common));
    else if (type === 'gauge') instruments.set(name, new Gauge(common));
    else instruments.set(name, new Histogram({ ...common, buckets: [...buckets] }));
  }
  return {
    count: (name, labels, by = 1) => (instruments.get(name) as Counter<string>).inc({ ...labels }, by),
    set: (name, labels, value) => (instruments.get(name) as Gauge<string>).set({ ...labels }, value),
    drop: (name, labels) => (instruments.get(name) as Gauge<string>).remove({ ...labels }),
    observe: (name, labels, value) =>
      (instruments.get(name) as Histogram<string>).observe({ ...labels }, value),
    page: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
