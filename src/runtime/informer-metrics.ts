import type { RuntimeMetrics } from './runtime-metrics.ts';

type InformerGauge = 'informer_heard_timestamp_seconds' | 'informer_objects';

/** Of the runtime's metrics what an informer needs. */
export interface InformerMetrics extends Pick<RuntimeMetrics, 'count'> {
  set(name: InformerGauge, labels: { readonly name: string }, value: number): void;
  drop(name: InformerGauge, labels: { readonly name: string }): void;
}

/** What a gauge says of several at once. One that hears nothing must not hide behind the others. */
const jointly: Readonly<Record<InformerGauge, (values: readonly number[]) => number>> = {
  informer_heard_timestamp_seconds: (values) => Math.min(...values),
  informer_objects: (values) => values.reduce((a, b) => a + b, 0),
};

/**
 * Metrics for several informers of one name, anew for each: what they show is that of all. On a node there is one for each namespace, and a
 * label for each is one that tenants could let grow.
 */
export function jointMetrics(metrics: InformerMetrics): () => InformerMetrics {
  const shown: Readonly<Record<InformerGauge, Map<InformerMetrics, number>>> = {
    informer_heard_timestamp_seconds: new Map(),
    informer_objects: new Map(),
  };
  return () => {
    const own: InformerMetrics = {
      count: metrics.count.bind(metrics),
      set(gauge, labels, value) {
        const values = shown[gauge].set(own, value);
        metrics.set(gauge, labels, jointly[gauge]([...values.values()]));
      },
      drop(gauge, labels) {
        const values = shown[gauge];
        values.delete(own);
        if (values.size === 0) metrics.drop(gauge, labels);
        else metrics.set(gauge, labels, jointly[gauge]([...values.values()]));
      },
    };
    return own;
  };
}
