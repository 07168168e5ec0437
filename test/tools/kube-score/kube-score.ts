import { requiredVersion } from '../../provision/go-build.ts';
import type { GoTool } from '../../provision/go-tool.ts';

const module = import.meta.dirname;
const of = 'github.com/zegl/kube-score';

/** What else a cluster admin would say of manifests: probes, limits, spread, network policies. */
export const kubeScore: GoTool = {
  name: 'kube-score',
  of,
  program: {
    module,
    package: `${of}/cmd/kube-score`,
    linkerFlags: `-X main.version=${requiredVersion(module, of)}`,
    expect: 'about 30 seconds',
  },
};
