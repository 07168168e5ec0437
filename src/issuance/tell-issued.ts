import type { TokenLife } from '../domain/rotation.ts';
import { between, formatInstant } from '../std/instant.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { GrantorMetrics } from '../telemetry/grantor-metrics.ts';
import type { AuditSubject } from './audit-of.ts';
import type { ObtainedToken } from './obtain-token.ts';

/** Counts and tells of a token that was delivered. `before` is the one whose place it took, if it is the next of a series. */
export function tellIssued(
  { audit, metrics }: { readonly audit: Audit; readonly metrics: Pick<GrantorMetrics, 'count' | 'observe'> },
  about: AuditSubject,
  { issuer, tenant }: { readonly issuer: string; readonly tenant: string },
  { issued, issuedAt, expiresAt }: Pick<ObtainedToken, 'issued' | 'issuedAt' | 'expiresAt'>,
  before: TokenLife | undefined,
): void {
  metrics.count('grantor_tokens_issued_total', { issuer, tenant });
  if (before !== undefined) {
    const left =
      between(issuedAt, before.expiresAt) / Math.max(1, between(before.issuedAt, before.expiresAt));
    metrics.observe('grantor_token_remaining_ratio', { issuer }, Math.max(0, left));
  }
  const { jti } = issued.claims;
  audit({
    ...about,
    act: 'issue',
    outcome: 'success',
    verification: issued.unverified ? 'None' : issued.introspected ? 'Introspection' : 'Signature',
    expiresAt: formatInstant(expiresAt),
    ...(typeof jti === 'string' ? { tokenID: jti } : {}),
  });
}
