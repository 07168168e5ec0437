import type { Reason } from '../api/reasons.ts';
import { isTrue, type PlannedCondition } from './condition.ts';

/**
 * Reasons that last until somebody changes something that is there. Not among them is what only waits for another object (which a deployment tool
 * may be about to apply, in whatever order), and what is tried again by itself.
 */
const lasting: ReadonlySet<string> = new Set<Reason>([
  'TenantScopeOverlap',
  'TenantIDTaken',
  'Suspended',
  'IssuerNotAllowed',
  'GrantTypeNotAllowed',
  'RedirectURINotAllowed',
  'AuthenticationNotAllowed',
  'AdoptionNotAllowed',
  'AdoptionUnsupported',
  'ScopeNotAllowed',
  'AudienceNotAllowed',
  'RoleNotAllowed',
  'LifetimeNotAllowed',
  'ProofOfPossessionRequired',
  'ServiceAccountNotAllowed',
  'QuotaExceeded',
  'DeliveryNotAllowed',
  'SecretDeliveryNotInstalled',
  'VolumeNeedsFederatedClient',
  'VolumeNeedsReusableAssertion',
  'ClientNotAllowed',
  'ServiceAccountMismatch',
  'ServiceAccountTaken',
  'SecretNameTaken',
  'IssuerReplaced',
  'ClientIDRequired',
  'ClientIDTaken',
  'ClientIDForbidden',
  'CeilingNotEnforceable',
  'ClaimUnsupported',
  'AuthenticationUnsupported',
  'RotationUnsupported',
  'GrantTypeUnsupported',
  'ProofOfPossessionUnsupported',
  'FederationDisabled',
  'RegistrationUnsupported',
  'RotationFloorUnreachable',
  'IssuerIdentifierTaken',
  'AudienceReserved',
  'AudienceNotInstalled',
  'Malformed',
  'RegistrationUncertain',
  'SecretConflict',
]);

/** Adds `Stalled` where `Ready` is False for a reason that lasts: kstatus calls that failed, and anything else in progress. */
export function withStalled(conditions: readonly PlannedCondition[]): readonly PlannedCondition[] {
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'False' || !lasting.has(ready.reason)) return conditions;
  return [...conditions, isTrue('Stalled', ready.reason, ready.message)];
}
