import type { ClientFacts, ExistingClientFacts } from './client-facts.ts';
import { isOf } from './issuer-usable.ts';
import type { RegistrationRecord } from './registration-record.ts';

/**
 * The record of an earlier object of this name that this one goes on from: the same client under the same id. That is how a cluster that
 * came back from a backup, where everything has another UID, finds its clients. Never from one tenant to another; whose it is may not be
 * known yet, since TenantScopes come back as well, and rights go to nobody by this.
 */
export function inheritanceOf(facts: ExistingClientFacts): RegistrationRecord | undefined {
  const { client, issuer, tenancy, record, unreadableRecord, orphans } = facts;
  if (record !== undefined || unreadableRecord !== undefined) return undefined;
  const isItsOwn = (other: RegistrationRecord): boolean =>
    other.issuer === client.spec.issuerRef.name &&
    (issuer === undefined || isOf(other, issuer)) &&
    ['Attempting', 'Registered'].includes(other.phase) &&
    other.tenantID !== undefined &&
    (tenancy.kind !== 'tenant' || tenancy.scope.spec.tenantID === other.tenantID);
  const own = orphans.map((orphan) => orphan.record).filter(isItsOwn);
  return own.find(({ registration }) => registration !== undefined) ?? own[0];
}

/** Whether what the record of an earlier object tells of is the client that the present one has by now. */
export const isSucceeded = (earlier: RegistrationRecord, { record }: ClientFacts): boolean =>
  record?.registration !== undefined &&
  record.issuerIdentifier === earlier.issuerIdentifier &&
  record.registration.clientID === earlier.registration?.clientID;
