import type { RuntimeMetrics } from '../../src/runtime/runtime-metrics.ts';

/** Metrics that a test can read, by `name{label,…}`: counters and gauges as numbers, of histograms the number of observations. */
export function recordingMetrics(): RuntimeMetrics & { readonly values: Readonly<Record<string, number>> } {
  const values: Record<string, number> = {};
  const add = (name: string, labels: Readonly<Record<string, string>>, by: number): void => {
    const key = `${name}{${Object.values(labels).join(',')}}`;
    values[key] = (values[key] ?? 0) + by;
  };
  return {
    values,
    count: (name, labels, by = 1) => add(name, labels, by),
    set(name, labels, value) {
      values[`${name}{${Object.values(labels).join(',')}}`] = value;
    },
    drop(name, labels) {
      delete values[`${name}{${Object.values(labels).join(',')}}`];
    },
    observe: (name, labels) => add(name, labels, 1),
  };
}
