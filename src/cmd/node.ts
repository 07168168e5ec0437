import type { Command } from 'commander';
import { type NodeFlags, nodeFlags } from './node-flags.ts';
import { untilStopped } from './until-stopped.ts';

/** `grantor node`. */
export const nodeCommand = (): Command =>
  untilStopped(nodeFlags(), async (flags: NodeFlags, stop) => {
    const { runNode } = await import('./run-node.ts');
    await runNode(flags, stop);
  });
