import { defineConfig, type Plugin } from 'vitest/config';
import { makesSecrets, recordingSecret } from './test/canary/recording-secret.ts';

/** What test/canary/record.ts is to programs, for what runs in the processes of vitest. */
const recordSecrets: Plugin = {
  name: 'record-secrets',
  enforce: 'pre',
  load: (id) => (makesSecrets(id) ? recordingSecret(id) : undefined),
};
/** Set where mounts are seen by nobody else: test/mounts runs these tests there, and nothing else may. */
const mounts = process.env['GRANTOR_TEST_MOUNTS'] !== undefined;
const plugins = process.env['GRANTOR_TEST_RUN'] ? [recordSecrets] : [];

// `unit` needs nothing but the checkout; `cluster` shares one real control plane for the whole run (test/cluster), `issuers` one and real
// authorization servers (test/issuers), `node` one with a node on which pods run (test/cluster/node), `chart` another one with two, for Helm (test/chart); each file of `faults` breaks a control plane of its own.
export default defineConfig({
  test: {
    projects: [
      ...(mounts
        ? [{ plugins, test: { name: 'mounts', include: ['test/**/*.mounts.test.ts'], testTimeout: 30_000 } }]
        : []),
      {
        plugins,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [
            '**/*.{chart,cluster,issuers,mounts,node}.test.ts',
            'test/simulation/**',
            '**/node_modules/**',
          ],
          // They wait for nothing but themselves, and those under load for a minute of real time.
          maxWorkers: '100%',
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Nothing in it is secret: what it makes up would only drown what the canary looks for.
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          // Its long files run beside each other, also where there are but two cores; in a whole run beside everything else, with what that leaves (test/lane.ts).
          maxWorkers: '100%',
          testTimeout: 120_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        plugins,
        test: {
          name: 'cluster',
          include: ['src/**/*.cluster.test.ts', 'test/**/*.cluster.test.ts'],
          exclude: ['test/faults/**', '**/node_modules/**'],
          globalSetup: ['./test/cluster/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          // After those that take all processors.
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins,
        test: {
          name: 'issuers',
          include: ['src/**/*.issuers.test.ts', 'test/**/*.issuers.test.ts'],
          globalSetup: ['./test/issuers/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        plugins,
        test: {
          name: 'node',
          include: ['src/**/*.node.test.ts', 'test/**/*.node.test.ts'],
          globalSetup: ['./test/cluster/node/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 6 },
        },
      },
      {
        plugins,
        test: {
          name: 'chart',
          include: ['test/**/*.chart.test.ts'],
          globalSetup: ['./test/chart/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.cluster.test.ts'],
          // Each file has a control plane of its own to spoil, and most of their time is waiting: they run beside each other.
          maxWorkers: 4,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
