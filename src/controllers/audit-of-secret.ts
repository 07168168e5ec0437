import type { SecretType } from '../delivery/secret-manifest.ts';
import { keyOf } from '../runtime/store.ts';
import type { AuditData } from '../telemetry/audit-schema.ts';
import type { Environment } from './environment.ts';
import { tenantIDOf } from './lookups.ts';
import type { OwnedSecret } from './tenant-secrets.ts';

/**
 * Whose a Secret of ours is, for an audit line: its owner, and on which tenant's account it was given. Where the owner is gone, that is the
 * tenant of the namespace.
 */
export function auditOfSecret(
  environment: Pick<Environment, 'world' | 'ownNamespace'>,
  type: Exclude<SecretType, 'grantor.dev/registration'>,
  { namespace, ownerName, ownerUID }: Pick<OwnedSecret, 'namespace' | 'ownerName' | 'ownerUID'>,
): Pick<AuditData, 'binding' | 'client' | 'clientID' | 'tenantID'> {
  const owner = ownerName === undefined ? undefined : keyOf(namespace, ownerName);
  const { bindings, clients } = environment.world;
  const home = tenantIDOf(environment, namespace);
  const ofNamespace = home === undefined ? {} : { tenantID: home };
  if (owner === undefined) return ofNamespace;
  if (type === 'grantor.dev/token') {
    const { object } = bindings.store.get(owner) ?? {};
    const grant = object?.metadata.uid === ownerUID ? object?.status?.grant : undefined;
    if (grant === undefined) return { binding: owner, ...ofNamespace };
    const { tenantID, clientID, derivedFrom } = grant;
    return { binding: owner, client: keyOf(namespace, derivedFrom.client.name), clientID, tenantID };
  }
  const { object } = clients.store.get(owner) ?? {};
  const { clientID, tenant } = (object?.metadata.uid === ownerUID ? object?.status : undefined) ?? {};
  return {
    client: owner,
    ...(clientID === undefined ? {} : { clientID }),
    ...(tenant === undefined ? ofNamespace : { tenantID: tenant.tenantID }),
  };
}
