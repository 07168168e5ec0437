import type { Kind } from '../../api/kind.ts';
import { type OAuthClient, oauthClientKind } from '../../api/oauth-client.ts';
import { oauthIssuerKind } from '../../api/oauth-issuer.ts';
import { tenantScopeKind } from '../../api/tenant-scope.ts';
import type { WorkloadIdentityBinding } from '../../api/workload-identity-binding.ts';
import { findObject } from '../find-object.ts';
import { type Conditioned, healthOf } from '../health.ts';
import type { Session } from '../session.ts';
import type { RelatedObject } from './explanation.ts';

/** What a binding rests on: its client, and what that rests on. */
export async function bindingRestsOn(
  session: Session,
  { spec }: WorkloadIdentityBinding,
): Promise<readonly RelatedObject[]> {
  const { name } = spec.clientRef;
  const found = await findObject(session, oauthClientKind, name);
  if (!found.ok) return [await look(session, oauthClientKind, name, 'its client')];
  return [told(session, found.value, 'its client'), ...(await clientRestsOn(session, found.value))];
}

/** What a client rests on: its tenant and its issuer. */
export function clientRestsOn(
  session: Session,
  { spec, status }: OAuthClient,
): Promise<readonly RelatedObject[]> {
  return Promise.all([
    ...(status?.tenant === undefined
      ? []
      : [look(session, tenantScopeKind, status.tenant.name, 'the ceiling of its tenant')]),
    look(session, oauthIssuerKind, spec.issuerRef.name, 'its issuer'),
  ]);
}

async function look(session: Session, kind: Kind, name: string, what: string): Promise<RelatedObject> {
  const found = await findObject(session, kind, name);
  if (found.ok) return told(session, found.value, what);
  const why = found.error.exit === 'forbidden' ? 'not visible to you' : found.error.message;
  return { kind: kind.kind, name, note: `${what}; ${why}` };
}

const told = ({ clock }: Session, object: Conditioned, note: string): RelatedObject => {
  const { name, namespace } = object.metadata;
  return {
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...healthOf(object, clock.now()),
    note,
  };
};
