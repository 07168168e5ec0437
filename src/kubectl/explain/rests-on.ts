import type { Kind } from '../../api/kind.ts';
import { type OAuthClient, oauthClientKind } from '../../api/oauth-client.ts';
import { oauthIssuerKind } from '../../api/oauth-issuer.ts';
import { tenantScopeKind } from '../../api/tenant-scope.ts';
import type { WorkloadIdentityBinding } from '../../api/workload-identity-binding.ts';
import { selectsNamespace } from '../../domain/tenancy.ts';
import { namespaceKind } from '../../kube/core-kinds.ts';
import { findObject } from '../find-object.ts';
import { type Conditioned, healthOf } from '../health.ts';
import { boundsOf, type Session } from '../session.ts';
import { readAll } from '../survey.ts';
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
export async function clientRestsOn(
  session: Session,
  client: OAuthClient,
): Promise<readonly RelatedObject[]> {
  const [tenants, issuer] = await Promise.all([
    tenantsOf(session, client),
    look(session, oauthIssuerKind, client.spec.issuerRef.name, 'its issuer'),
  ]);
  return [...tenants, issuer];
}

/** The tenant that a client's status names. While it is refused it names none, and those are told which select its namespace. */
async function tenantsOf(
  session: Session,
  { metadata, status }: OAuthClient,
): Promise<readonly RelatedObject[]> {
  const note = 'the ceiling of its tenant';
  if (status?.tenant !== undefined) return [await look(session, tenantScopeKind, status.tenant.name, note)];
  const [namespace, scopes] = await Promise.all([
    session.kube.get(namespaceKind, { name: metadata.namespace }, boundsOf(session)),
    readAll(session, tenantScopeKind),
  ]);
  if (!namespace.ok || !scopes.ok) return [];
  const { labels = {} } = namespace.value.metadata;
  return scopes.value.objects
    .filter(({ spec }) => selectsNamespace(spec.namespaceSelector, labels))
    .map((scope) => told(session, scope, note));
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
