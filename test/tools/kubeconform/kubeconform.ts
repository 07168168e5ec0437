import { releasedTool } from '../../provision/go-tool.ts';

/** Compares manifests with the schemas of a Kubernetes. */
export const kubeconform = releasedTool({
  name: 'kubeconform',
  of: 'github.com/yannh/kubeconform',
  module: import.meta.dirname,
  expect: 'about 5 seconds',
});
