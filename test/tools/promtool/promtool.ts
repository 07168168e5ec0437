import { releasedTool } from '../../provision/go-tool.ts';

/** Prometheus' own tool for rules, without the discovery of the clouds, which rules know nothing of. */
export const promtool = releasedTool({
  name: 'promtool',
  of: 'github.com/prometheus/prometheus',
  module: import.meta.dirname,
  tags: ['remove_all_sd'],
  versionVariable: 'github.com/prometheus/common/version.Version',
  expect: 'about two minutes',
});
