import { Command } from 'commander';
import type { WaitFlags } from '../../kubectl/tell-once-done.ts';
import { inSession } from './run.ts';
import { noWait, timeoutFlag } from './wait-flags.ts';

/** `kubectl grantor rotate`. */
export const rotateCommand = (): Command =>
  new Command('rotate')
    .description(
      'Replace the credential of a client now, in a maintenance window or not, and wait until the client has the new one. The former one stays valid for the overlap that its spec says.',
    )
    .argument('<kind/name>', 'the client, such as oauthclient/billing')
    .addOption(noWait())
    .addOption(timeoutFlag('2m'))
    .action(
      inSession<WaitFlags>(async (session, flags, [name = '']) => {
        const { rotate } = await import('../../kubectl/rotate/rotate.ts');
        return rotate(session, flags, name);
      }),
    );
