import { runWithNodes } from './run-with-nodes.ts';

/** One control plane with one node per test run, gone with it. */
export const setup = runWithNodes({ name: 'node', count: 1 });
