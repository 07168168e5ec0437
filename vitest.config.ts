import { defineConfig } from 'vitest/config';

// `unit` needs nothing but the checkout; `cluster` shares one real control plane for the whole run (test/cluster).
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/*.cluster.test.ts', '**/node_modules/**'],
          testTimeout: 10_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['src/**/*.cluster.test.ts', 'test/**/*.cluster.test.ts'],
          globalSetup: ['./test/cluster/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          // After the others: what is measured here has the machine to itself.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
