import { join } from 'node:path';
import { requiredVersion } from '../provision/go-build.ts';
import type { GoTool } from '../provision/go-tool.ts';

const module = join(import.meta.dirname, 'binaries/csi-sanity');
const of = 'github.com/kubernetes-csi/csi-test/v5';

/** The official conformance suite of CSI drivers. */
export const csiSanity: GoTool = {
  name: 'csi-sanity',
  of,
  program: {
    module,
    package: `${of}/cmd/csi-sanity`,
    linkerFlags: `-X main.version=${requiredVersion(module, of)}`,
    expect: 'about 15 seconds',
  },
};
