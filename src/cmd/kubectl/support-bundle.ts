import { Command } from 'commander';
import type { SupportBundleFlags } from '../../kubectl/support-bundle/support-bundle.ts';
import { version } from '../version.ts';
import { allNamespaces } from './cluster-flags.ts';
import { grantorNamespace } from './doctor.ts';
import { inSession } from './run.ts';

/** `kubectl grantor support-bundle`. */
export const supportBundleCommand = (): Command =>
  new Command('support-bundle')
    .description(
      'Collect what helps to understand a problem in one file: objects with their conditions, events, versions, logs and metrics of Grantor. No data of Secrets, no tokens.',
    )
    .addOption(allNamespaces())
    .option('-f, --file <file>', 'where to write it (default: grantor-support-TIME.tar.gz)')
    .addOption(grantorNamespace())
    .action(
      inSession<SupportBundleFlags>(async (session, flags) => {
        const { supportBundle } = await import('../../kubectl/support-bundle/support-bundle.ts');
        return supportBundle(session, flags, version);
      }),
    );
