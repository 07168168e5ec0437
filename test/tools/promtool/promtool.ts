import { requiredVersion } from '../../provision/go-build.ts';
import type { GoTool } from '../../provision/go-tool.ts';

const module = import.meta.dirname;
const of = 'github.com/prometheus/prometheus';

/** Prometheus' own tool for rules, without the discovery of the clouds, which rules know nothing of. */
export const promtool: GoTool = {
  name: 'promtool',
  of,
  program: {
    module,
    package: `${of}/cmd/promtool`,
    tags: ['remove_all_sd'],
    linkerFlags: `-X github.com/prometheus/common/version.Version=${requiredVersion(module, of)}`,
    expect: 'about two minutes',
  },
};
