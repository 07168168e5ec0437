import { oauthClientKind } from '../../api/oauth-client.ts';
import { tenantScopeKind } from '../../api/tenant-scope.ts';
import { workloadIdentityBindingKind } from '../../api/workload-identity-binding.ts';
import { err } from '../../std/result.ts';
import type { Outcome } from '../complaint.ts';
import { findObject } from '../find-object.ts';
import { parseReference, shown } from '../object-name.ts';
import type { Session } from '../session.ts';
import { tellOnceDone, type WaitFlags } from '../tell-once-done.ts';
import { confirmed } from './confirmation.ts';
import { askForRevocation, revocationStage } from './revoke-client.ts';
import { suspendTenant, suspensionStage } from './suspend-tenant.ts';

export interface RevokeFlags extends WaitFlags {
  readonly yes: boolean;
}

/** `kubectl grantor revoke KIND/NAME`: ends the tokens of a binding's client, of a client, or all that a tenant has. */
export async function revoke(session: Session, flags: RevokeFlags, name: string): Outcome {
  const wanted = parseReference(name);
  if (!wanted.ok) return wanted;
  switch (wanted.value.kind) {
    case tenantScopeKind:
      return revokeTenant(session, flags, wanted.value.name);
    case oauthClientKind:
      return revokeClient(session, flags, wanted.value.name);
    case workloadIdentityBindingKind: {
      const binding = await findObject(session, workloadIdentityBindingKind, wanted.value.name);
      return binding.ok ? revokeClient(session, flags, binding.value.spec.clientRef.name) : binding;
    }
    default:
      return err({
        exit: 'usage',
        message: 'tokens of a whole issuer are revoked at the issuer',
        remedy: 'name a tenantscope, an oauthclient or a workloadidentitybinding',
      });
  }
}

async function revokeClient(session: Session, flags: RevokeFlags, name: string): Outcome {
  const client = await findObject(session, oauthClientKind, name);
  if (!client.ok) return client;
  const label = shown(oauthClientKind.kind, name);
  const { management } = client.value.spec;
  if (management !== 'Manage')
    return err({
      exit: 'found',
      message: `${label} is not managed: spec.management is ${management}`,
      remedy: 'set it to Manage, or suspend the tenant',
    });
  const agreed = await confirmed(
    session,
    `All tokens that ${label} has by now end, also those of its other bindings; each gets another one.`,
    flags.yes,
  );
  if (!agreed.ok) return agreed;
  const asked = await askForRevocation(session, client.value);
  if (!asked.ok) return asked;
  return tellOnceDone(session, flags, {
    ...{ what: 'revocation', kind: oauthClientKind, name },
    stage: (now) => revocationStage(now, asked.value),
  });
}

async function revokeTenant(session: Session, flags: RevokeFlags, name: string): Outcome {
  const scope = await findObject(session, tenantScopeKind, name);
  if (!scope.ok) return scope;
  const label = shown(tenantScopeKind.kind, name);
  const agreed = await confirmed(
    session,
    `${label} is suspended: its clients lose their rights, its tokens end and are removed, and nothing new is given until spec.suspend is false again.`,
    flags.yes,
  );
  if (!agreed.ok) return agreed;
  const suspended = await suspendTenant(session, scope.value);
  if (!suspended.ok) return suspended;
  return tellOnceDone(session, flags, {
    ...{ what: 'suspension', kind: tenantScopeKind, name },
    stage: (now) => suspensionStage(scope.value, now),
  });
}
