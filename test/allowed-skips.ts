import { spawnSync } from 'node:child_process';
import { nodeObstacle } from './cluster/node/availability.ts';
import { whyNoPages } from './docs/own-network.ts';

/** Tests that may be skipped although everything should run. */
export interface AllowedSkip {
  /** Matches `file > suites and test`. */
  readonly name: RegExp;
  readonly because: string;
  /** Under which circumstances. */
  readonly when: (environment: NodeJS.ProcessEnv) => boolean;
}

/** The only skips that do not fail a run in CI. */
export const allowedSkips: readonly AllowedSkip[] = [
  {
    name: /\.(cluster|issuers|node|chart)\.test\.ts > /,
    because: 'the audit log and the identities of a cluster that is not our own cannot be had',
    when: (environment) => Boolean(environment['GRANTOR_TEST_KUBECONFIG']),
  },
  {
    name: /\.(node|chart)\.test\.ts > /,
    because: 'a node takes root, on Linux, and what root may usually do',
    when: () => nodeObstacle() !== undefined,
  },
  {
    name: /^test\/(tools|chart|monitoring|gitops)\//,
    because: 'Helm, promtool, kstatus and what judges a chart are built from Go modules',
    when: () => spawnSync('go', ['version']).status !== 0,
  },
  {
    name: /^test\/docs\/.*\.cluster\.test\.ts > /,
    because: 'the commands of a page take a network of their own',
    when: () => whyNoPages() !== undefined,
  },
  {
    name: /^test\/docs\/use-a-token\.test\.ts > the example in (python|go|java) /,
    because: 'not every machine has Python, Go and Java',
    when: () => ['python3', 'go', 'java'].some((program) => spawnSync(program).error !== undefined),
  },
];
