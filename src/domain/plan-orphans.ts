import { minutes } from '../std/duration.ts';
import { earliestKnown, type Instant, plus } from '../std/instant.ts';
import type { ClientFacts, OrphanedRegistration } from './client-facts.ts';
import { type ClientAction, type ClientPlan, fingerprintOf } from './client-plan.ts';
import { isSucceeded } from './inheritance.ts';
import { planDeregistration, planEmptying } from './plan-removal.ts';

/** For so long a client without an OAuthClient keeps its id: somebody may be bringing a cluster back from a backup, one object after the other. */
const patience = minutes(10);

/** What is left here of clients that went without waiting for us, because their finalizers were removed by hand or their cluster was lost. */
export function planOrphans(facts: ClientFacts, now: Instant): Pick<ClientPlan, 'action' | 'requeueAt'> {
  const { client, orphans, credentials, attempt } = facts;
  const [secret] = credentials;
  if (client === undefined && secret !== undefined) return { action: { kind: 'deleteCredentials', secret } };
  const steps = orphans.map((orphan) => orphanStep(facts, orphan, now));
  const actions = steps.map(({ action }) => action).filter((action) => action !== undefined);
  // One that has just failed lets the others go first.
  const action = actions.find((one) => attempt?.fingerprint !== fingerprintOf(one, client)) ?? actions[0];
  const requeueAt = earliestKnown(...steps.map((step) => step.requeueAt));
  return { ...(action === undefined ? {} : { action }), requeueAt };
}

/** At once it can obtain nothing more; once nobody has come for it, it goes. */
function orphanStep(
  facts: ClientFacts,
  { since, ...orphan }: OrphanedRegistration,
  now: Instant,
): { readonly action?: ClientAction; readonly requeueAt?: Instant } {
  const { clusterID, attempt } = facts;
  const { record } = orphan;
  if (isSucceeded(record, facts)) return { action: { kind: 'deleteRecord', record } };
  const removal = { ...orphan, clusterID, attempt };
  const until = plus(since, patience);
  // A successor that is another tenant's, or at another issuer, does not go on from it.
  const isNothingToKeep = ['Prepared', 'Deregistering'].includes(record.phase);
  if (now >= until || facts.client !== undefined || isNothingToKeep) return planDeregistration(removal);
  const { action } = planEmptying(removal);
  return action === undefined ? { requeueAt: until } : { action };
}
