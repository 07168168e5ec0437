import { describe } from 'vitest';
import { canInstall } from './cluster-under-test.ts';
import { describeInstall } from './describe-install.ts';
import { useChart } from './use-chart.ts';

describe.runIf(canInstall())('with the newest Kubernetes', () => {
  describeInstall('Grantor from its chart', useChart());
});
