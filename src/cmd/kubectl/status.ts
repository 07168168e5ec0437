import { Command } from 'commander';
import type { StatusFlags } from '../../kubectl/status/status.ts';
import { allNamespaces } from './cluster-flags.ts';
import { noHeaders, tableOutput, watchFlag } from './output-flags.ts';
import { inSession } from './run.ts';

/** `kubectl grantor status`. */
export const statusCommand = (): Command =>
  new Command('status')
    .description(
      'How all objects of Grantor fare, what wants attention first. Ends with 1 if something does.',
    )
    .addOption(allNamespaces())
    .addOption(tableOutput())
    .addOption(watchFlag())
    .addOption(noHeaders())
    .action(
      inSession<StatusFlags>(async (session, flags) => {
        const { status } = await import('../../kubectl/status/status.ts');
        return status(session, flags);
      }),
    );
