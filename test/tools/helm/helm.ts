import { requiredVersion } from '../../provision/go-build.ts';
import type { GoTool } from '../../provision/go-tool.ts';

const module = import.meta.dirname;
const of = 'helm.sh/helm/v3';
/** The Kubernetes that Helm takes for the cluster where it is told of none: the one whose client it has, as in Helm's own releases. */
const [, minor] = requiredVersion(module, 'k8s.io/client-go').split('.');
const kubernetes = ['pkg/lint/rules', 'pkg/chartutil'].flatMap((place) => [
  `-X ${of}/${place}.k8sVersionMajor=1`,
  `-X ${of}/${place}.k8sVersionMinor=${minor}`,
]);

/** Helm, as its releases are built. */
export const helm: GoTool = {
  name: 'helm',
  of,
  program: {
    module,
    package: `${of}/cmd/helm`,
    linkerFlags: [`-X ${of}/internal/version.version=${requiredVersion(module, of)}`, ...kubernetes].join(
      ' ',
    ),
    expect: 'about 80 seconds',
  },
};
