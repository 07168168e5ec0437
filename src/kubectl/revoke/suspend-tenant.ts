import { apiVersion } from '../../api/kind.ts';
import { type TenantScope, tenantScopeKind } from '../../api/tenant-scope.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Stage } from '../await-state.ts';
import { type Complaint, complaintOf } from '../complaint.ts';
import { boundsOf, type Session } from '../session.ts';

/** Sets `spec.suspend`, and touches nothing else. */
export async function suspendTenant(
  session: Session,
  { metadata: { name, uid } }: TenantScope,
): Promise<Result<void, Complaint>> {
  const object = { apiVersion, kind: tenantScopeKind.kind, metadata: { name, uid }, spec: { suspend: true } };
  const applied = await session.kube.apply(tenantScopeKind, object, boundsOf(session));
  if (applied.ok) return ok(undefined);
  return err(complaintOf(applied.error, { verb: 'patch', kind: tenantScopeKind, name }));
}

/** How far a suspension is, `before` being the scope when it was asked for: everything is withdrawn once the scope says that the issuers have confirmed it, or have not. */
export function suspensionStage(before: TenantScope, { status, metadata }: TenantScope): Stage {
  const { conditions = [], lastWithdrawal, observedGeneration = 0, clients = 0 } = status ?? {};
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (observedGeneration < metadata.generation || ready?.reason !== 'Suspended')
    return { kind: 'waiting', text: 'asked for' };
  if (clients === 0) return { kind: 'done', text: 'suspended; it has no clients' };
  // What was suspended and lifted before is told until the next time.
  const isFormer =
    !before.spec.suspend && lastWithdrawal?.startedAt === before.status?.lastWithdrawal?.startedAt;
  if (lastWithdrawal === undefined || lastWithdrawal.reason !== 'Suspended' || isFormer)
    return { kind: 'waiting', text: 'rights and tokens are being taken away' };
  // Nodes tell nobody what they have revoked, so that this may last.
  if (lastWithdrawal.revocation !== 'Confirmed')
    return {
      kind: 'waiting',
      text: 'rights and tokens are taken away; the issuers have not confirmed yet that all tokens are revoked (of those in volumes, where an issuer ends them one by one, the audit trail alone tells)',
    };
  const { clients: lost, bindings, exposedUntil } = lastWithdrawal;
  const exposed =
    exposedUntil === undefined
      ? ''
      : `; validators that do not ask the issuer may accept tokens until ${exposedUntil}`;
  return {
    kind: 'done',
    text: `suspended; ${lost} clients and ${bindings} bindings have lost everything${exposed}`,
  };
}
