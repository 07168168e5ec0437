import type { Capability } from '../domain/capability.ts';

/** What comes with an administration interface where clients are managed by Grantor's own login, whatever the metadata says. */
export const managedByMark = [
  'Register',
  'IdempotentRegister',
  'Update',
  'Deregister',
  'ManageByMark',
  'Adopt',
  'Compare',
  'List',
  'EnforceCeiling',
  'AuthorizationCode',
  'ChooseSecret',
  'RevokeAll',
] as const satisfies readonly Capability[];
