import { decode } from '../api/decode.ts';
import type { Kind, ObjectOf } from '../api/kind.ts';
import { type OAuthClient, oauthClientKind } from '../api/oauth-client.ts';
import { type OAuthIssuer, oauthIssuerKind } from '../api/oauth-issuer.ts';
import { type TenantScope, tenantScopeKind } from '../api/tenant-scope.ts';
import {
  type WorkloadIdentityBinding,
  workloadIdentityBindingKind,
} from '../api/workload-identity-binding.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Complaint } from './complaint.ts';
import { listAll } from './list-all.ts';
import { withProgress } from './progress.ts';
import type { Session } from './session.ts';

/** An object that this version cannot read. */
export interface Unreadable {
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly problem: string;
}

/** All objects of ours that somebody may see. */
export interface Survey {
  readonly issuers: readonly OAuthIssuer[];
  readonly scopes: readonly TenantScope[];
  readonly clients: readonly OAuthClient[];
  readonly bindings: readonly WorkloadIdentityBinding[];
  readonly unreadable: readonly Unreadable[];
  /** What is kept from whoever looks: a tenant sees neither issuers nor scopes. */
  readonly hidden: readonly Complaint[];
}

/** Reads our objects: cluster-scoped ones as far as that is allowed, the others of the session's namespace, or of all. */
export const takeSurvey = (session: Session): Promise<Result<Survey, Complaint>> =>
  withProgress(session, 'reading the objects', async () => {
    const [issuers, scopes, clients, bindings] = await Promise.all([
      readAll(session, oauthIssuerKind),
      readAll(session, tenantScopeKind),
      readAll(session, oauthClientKind),
      readAll(session, workloadIdentityBindingKind),
    ]);
    if (!clients.ok) return clients;
    if (!bindings.ok) return bindings;
    const hidden: Complaint[] = [];
    for (const part of [issuers, scopes]) {
      if (part.ok) continue;
      if (part.error.exit !== 'forbidden') return part;
      hidden.push(part.error);
    }
    const parts = [issuers, scopes, clients, bindings];
    return ok({
      issuers: issuers.ok ? issuers.value.objects : [],
      scopes: scopes.ok ? scopes.value.objects : [],
      clients: clients.value.objects,
      bindings: bindings.value.objects,
      unreadable: parts.flatMap((part) => (part.ok ? part.value.unreadable : [])),
      hidden,
    });
  });

interface Read<K extends Kind> {
  readonly objects: readonly ObjectOf<K>[];
  readonly unreadable: readonly Unreadable[];
}

/** All objects of one kind, as far as this version can read them. */
export async function readAll<K extends Kind>(
  session: Session,
  kind: K,
): Promise<Result<Read<K>, Complaint>> {
  const found = await listAll(session, kind, kind.namespaced ? session.namespace : undefined);
  if (!found.ok) return err(found.error);
  const objects: ObjectOf<K>[] = [];
  const unreadable: Unreadable[] = [];
  for (const raw of found.value) {
    const decoded = decode(kind, raw);
    if (decoded.ok) objects.push(decoded.value);
    else unreadable.push({ kind, metadata: raw.metadata, problem: decoded.error });
  }
  return ok({ objects, unreadable });
}
