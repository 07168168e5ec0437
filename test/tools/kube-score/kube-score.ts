import { releasedTool } from '../../provision/go-tool.ts';

/** What else a cluster admin would say of manifests: probes, limits, spread, network policies. */
export const kubeScore = releasedTool({
  name: 'kube-score',
  of: 'github.com/zegl/kube-score',
  module: import.meta.dirname,
  expect: 'about 30 seconds',
});
