import { runWithNodes } from '../cluster/node/run-with-nodes.ts';
import { ensureGoTool } from '../provision/go-tool.ts';
import { helm } from '../tools/helm/helm.ts';

/** One control plane with two nodes, for all that is installed with Helm. */
export const setup = runWithNodes({
  name: 'chart',
  count: 2,
  obstacle: (report) =>
    ensureGoTool(helm, report).then(
      () => undefined,
      (error: Error) => error.message,
    ),
});
