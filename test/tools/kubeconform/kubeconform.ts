import { requiredVersion } from '../../provision/go-build.ts';
import type { GoTool } from '../../provision/go-tool.ts';

const module = import.meta.dirname;
const of = 'github.com/yannh/kubeconform';

/** Compares manifests with the schemas of a Kubernetes. */
export const kubeconform: GoTool = {
  name: 'kubeconform',
  of,
  program: {
    module,
    package: `${of}/cmd/kubeconform`,
    linkerFlags: `-X main.version=${requiredVersion(module, of)}`,
    expect: 'about 5 seconds',
  },
};
