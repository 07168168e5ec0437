import { Command, Option } from 'commander';
import type { DoctorFlags } from '../../kubectl/doctor/doctor.ts';
import { rights } from '../rights.ts';
import { version } from '../version.ts';
import { textOutput } from './output-flags.ts';
import { inSession } from './run.ts';

/** Where Grantor itself is. */
export const grantorNamespace = (): Option =>
  new Option('--grantor-namespace <name>', 'where Grantor itself is installed').default('grantor-system');

/** `kubectl grantor doctor`. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .description(
      'Whether Grantor itself is as it should be: install, rights, clocks, issuers, federation, registration of the volume driver. Each check says what to do. Ends with 1 if something is wrong.',
    )
    .addOption(textOutput())
    .addOption(grantorNamespace())
    .action(
      inSession<DoctorFlags>(async (session, flags) => {
        const { doctor } = await import('../../kubectl/doctor/doctor.ts');
        const expectedRights = { 'grantor-controller': rights.controller, 'grantor-node': rights.node };
        return doctor(session, flags, { home: flags.grantorNamespace, version, expectedRights });
      }),
    );
