import {
  bindingExists,
  bindingOfItsNamespace,
  bindingStays,
  everythingIsReadable,
  grantIsOfThisSpec,
  isGranted,
  notWithdrawn,
  tenantIsNotSuspended,
  viewIsComplete,
} from './volume-binding-rules.ts';
import {
  nodeCanKeepIt,
  podHasThatServiceAccount,
  podHasTheServiceAccount,
  proofIsAlive,
  proofIsOfThePod,
  proofIsThere,
  proofIsUnspent,
} from './volume-pod-rules.ts';
import type { VolumeRule } from './volume-rule.ts';
import {
  clientIsAsGranted,
  issuerIsAsGranted,
  mayBeMounted,
  tenantScopeIsAsGranted,
  viewIsLive,
} from './volume-source-rules.ts';

/** The conditions under which a node uses a grant, in the order in which they are told: the first that fails is. */
export const volumeRules: readonly VolumeRule[] = [
  viewIsComplete,
  bindingExists,
  bindingStays,
  bindingOfItsNamespace,
  notWithdrawn,
  tenantIsNotSuspended,
  everythingIsReadable,
  isGranted,
  podHasTheServiceAccount,
  proofIsOfThePod,
  grantIsOfThisSpec,
  clientIsAsGranted,
  issuerIsAsGranted,
  tenantScopeIsAsGranted,
  podHasThatServiceAccount,
  mayBeMounted,
  nodeCanKeepIt,
  viewIsLive,
  proofIsThere,
  proofIsAlive,
  proofIsUnspent,
];
