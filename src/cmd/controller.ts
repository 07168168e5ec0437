import type { Command } from 'commander';
import { type ControllerFlags, controllerFlags } from './controller-flags.ts';
import { untilStopped } from './until-stopped.ts';

/** `grantor controller`. */
export const controllerCommand = (): Command =>
  untilStopped(controllerFlags(), async (flags: ControllerFlags, stop) => {
    const { runController } = await import('./run-controller.ts');
    await runController(flags, stop);
  });
