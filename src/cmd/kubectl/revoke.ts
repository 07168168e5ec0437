import { Command, Option } from 'commander';
import type { RevokeFlags } from '../../kubectl/revoke/revoke.ts';
import { inSession } from './run.ts';
import { noWait, timeoutFlag } from './wait-flags.ts';

/** `kubectl grantor revoke`. */
export const revokeCommand = (): Command =>
  new Command('revoke')
    .description(
      'End tokens now. Of a client, or of the client of a binding: all that it has by now; its bindings get others. Of a tenant: suspend it, so that all is taken away and nothing new is given.',
    )
    .argument('<kind/name>', 'whose, such as oauthclient/billing or tenantscope/acme')
    .addOption(new Option('-y, --yes', 'do not ask whether it is meant').default(false))
    .addOption(noWait())
    .addOption(timeoutFlag('2m'))
    .action(
      inSession<RevokeFlags>(async (session, flags, [name = '']) => {
        const { revoke } = await import('../../kubectl/revoke/revoke.ts');
        return revoke(session, flags, name);
      }),
    );
