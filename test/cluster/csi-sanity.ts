import { join } from 'node:path';
import { releasedTool } from '../provision/go-tool.ts';

/** The official conformance suite of CSI drivers. */
export const csiSanity = releasedTool({
  name: 'csi-sanity',
  of: 'github.com/kubernetes-csi/csi-test/v5',
  module: join(import.meta.dirname, 'binaries/csi-sanity'),
  expect: 'about 15 seconds',
});
