import { describe } from 'vitest';
import { testNode } from '../cluster/node/test-node.ts';
import { describeInstall } from './describe-install.ts';
import { useChart } from './use-chart.ts';

describe.skipIf(testNode() === undefined)('with the newest Kubernetes', () => {
  describeInstall('Grantor from its chart', useChart());
});
