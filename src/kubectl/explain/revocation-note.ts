import type { WithdrawalStatus } from '../../api/withdrawal-field.ts';
import { workloadIdentityBindingKind } from '../../api/workload-identity-binding.ts';
import { auditTypeOf } from '../../telemetry/audit-schema.ts';
import type { Conditioned } from '../health.ts';

/** Whether the tokens are revoked that somebody had; undefined while nothing is taken away. */
export function revocationNote(
  { kind, spec }: Pick<Conditioned, 'kind' | 'spec'>,
  { revocation }: Pick<WithdrawalStatus, 'revocation'>,
): string | undefined {
  if (revocation === undefined) return undefined;
  if (revocation === 'Confirmed') return 'The issuer has confirmed that the tokens are revoked.';
  // The controller hears nothing of what nodes have revoked: to it that is unconfirmed for ever.
  return kind === workloadIdentityBindingKind.kind && !('delivery' in spec)
    ? `Tokens in volumes are revoked by their nodes, or with all others of the client, where the issuer can: the audit trail says whether it has confirmed that (${auditTypeOf('revoke')}).`
    : 'The issuer has not confirmed that the tokens are revoked.';
}
