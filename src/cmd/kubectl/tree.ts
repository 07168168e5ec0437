import { Command } from 'commander';
import type { TreeFlags } from '../../kubectl/tree/tree.ts';
import { allNamespaces } from './cluster-flags.ts';
import { noHeaders, tableOutput, watchFlag } from './output-flags.ts';
import { inSession } from './run.ts';

/** `kubectl grantor tree`. */
export const treeCommand = (): Command =>
  new Command('tree')
    .description(
      'What hangs on what: issuer, tenant, client, binding, and the Secret and pods that have its token. For one object all that it hangs on, and all that hangs on it.',
    )
    .argument('[kind/name]', 'an object, such as oauthclient/billing')
    .addOption(allNamespaces())
    .addOption(tableOutput())
    .addOption(watchFlag())
    .addOption(noHeaders())
    .action(
      inSession<TreeFlags>(async (session, flags, [name]) => {
        const { tree } = await import('../../kubectl/tree/tree.ts');
        return tree(session, flags, name);
      }),
    );
