import { runtimeMetrics } from '../../src/runtime/runtime-metrics.ts';
import { grantorMetrics } from '../../src/telemetry/grantor-metrics.ts';
import { type MetricCatalogue } from '../../src/telemetry/metrics.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

/** `docs/reference/metrics.md`: every metric that `/metrics` of the controller serves, apart from those of Node.js. */
export function metricsReference(): readonly GeneratedFile[] {
  const catalogue = (metrics: MetricCatalogue): string =>
    table(
      ['metric', 'type', 'labels', 'meaning'],
      Object.entries(metrics).map(([name, { type, labels, help }]) => [
        code(name),
        type,
        labels.map(code).join(', '),
        help,
      ]),
    );
  const content = page(
    `<!-- ${generatedBy('src/telemetry and src/runtime')} -->`,
    '# Metrics',
    'Served by `grantor controller` under `/metrics` at the address of `--probes`, beside those of Node.js (`nodejs_…`, `process_…`).',
    '## Tokens and issuers',
    catalogue(grantorMetrics),
    '## Runtime',
    'Names are those of controller-runtime and client-go where they mean the same.',
    catalogue(runtimeMetrics),
  );
  return [{ path: 'docs/reference/metrics.md', content }];
}
