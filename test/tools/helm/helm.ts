import { requiredVersion } from '../../provision/go-build.ts';
import { releasedTool } from '../../provision/go-tool.ts';

const module = import.meta.dirname;
const of = 'helm.sh/helm/v3';
/** The Kubernetes that Helm takes for the cluster where it is told of none: the one whose client it has, as in Helm's own releases. */
const [, minor = ''] = requiredVersion(module, 'k8s.io/client-go').split('.');
const kubernetes = ['pkg/lint/rules', 'pkg/chartutil'].flatMap((place) => [
  [`${of}/${place}.k8sVersionMajor`, '1'],
  [`${of}/${place}.k8sVersionMinor`, minor],
]);

/** Helm, as its releases are built. */
export const helm = releasedTool({
  name: 'helm',
  of,
  module,
  versionVariable: `${of}/internal/version.version`,
  variables: Object.fromEntries(kubernetes),
  expect: 'about 80 seconds',
});
