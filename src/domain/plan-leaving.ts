import { issuerUndiscovered } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import type { Submission } from './client-plan.ts';
import { clientViolations } from './client-rules.ts';
import { isOf, issuerHas, isUsable } from './issuer-usable.ts';
import { planEmptying, type Removal, type RemovalFacts } from './plan-removal.ts';
import { asIfAdopted, type RegistrationRecord } from './registration-record.ts';
import { tenantOf } from './tenant-status.ts';
import { bareRegistration, leftRegistration, wantedRegistration } from './wanted-registration.ts';

/**
 * Leaves a registration behind: first with nothing to obtain and no workload, since nobody here could take that from it later; then our
 * record of it goes. What is out of our reach already is let go as it is.
 */
export function planDisabling(facts: RemovalFacts): Removal {
  const record = asIfAdopted(facts.record);
  const bare = bareRegistration(facts.clusterID, record);
  const left = leftRegistration(facts.clusterID, bare);
  if (record.registeredHash === left.hash) return letGo(facts.record);
  const { action, obstacle } = planEmptying(facts);
  if (action !== undefined) return { action };
  if (obstacle !== undefined) return { obstacle };
  return record.registeredHash === bare.hash ? marked(facts, left) : letGo(facts.record);
}

/** Leaves a registration behind as it is, with all its rights. */
export function planOrphaning(facts: ExistingClientFacts, record: RegistrationRecord): Removal {
  const { issuer, clusterID } = facts;
  if (issuer === undefined || !isOf(record, issuer)) return letGo(record);
  if (!isUsable(issuer)) return { obstacle: issuerUndiscovered(record) };
  const left = leftRegistration(clusterID, wantedRegistration(facts, record));
  return record.registeredHash === left.hash ? letGo(record) : marked({ ...facts, record }, left);
}

/** Whether a client may be left with its rights: an admin allows that, and they are what its tenant may have now. */
export function mayKeepRights(facts: ExistingClientFacts, record: RegistrationRecord): boolean {
  const tenant = tenantOf(facts)?.spec;
  return (
    tenant?.clients.orphaning === 'Allowed' &&
    tenant.tenantID === record.tenantID &&
    record.phase === 'Registered' &&
    clientViolations(facts).length === 0
  );
}

const letGo = (record: RegistrationRecord): Removal => ({ action: { kind: 'deleteRecord', record } });

/** Where marks are swept, one says that it was left on purpose. */
const marked = ({ record, issuer }: RemovalFacts, left: Submission): Removal =>
  issuer !== undefined && issuerHas(issuer, 'ManageByMark')
    ? { action: { kind: 'reclaim', insteadOf: 'update', ...left } }
    : letGo(record);
