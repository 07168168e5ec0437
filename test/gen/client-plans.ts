import type { FailedAttempt } from '../../src/domain/attempt.ts';
import type { ClientFacts } from '../../src/domain/client-facts.ts';
import { type ClientPlan, fingerprintOf } from '../../src/domain/client-plan.ts';
import { planClient } from '../../src/domain/plan-client.ts';
import type { RegistrationRecord } from '../../src/domain/registration-record.ts';
import { wantedRegistration } from '../../src/domain/wanted-registration.ts';
import { Secret } from '../../src/std/secret.ts';
import { aRecord, clientFacts, now, registration } from './facts.ts';
import { aClient, anIssuer, without, withSpec } from './objects.ts';

/** The facts of a client that is there. */
export const existing = (facts: ClientFacts) => ({ ...facts, client: facts.client ?? aClient() });

/** The record of a client whose registration is as it is wanted. */
export const registered = (
  facts: ClientFacts = clientFacts(),
  change: Partial<RegistrationRecord> = {},
): RegistrationRecord => {
  const logsInBySecret = existing(facts).client.spec.authentication.secret !== undefined;
  const clientSecret = logsInBySecret ? { clientSecret: new Secret('made-by-the-issuer') } : {};
  const record = aRecord({
    ...{ phase: 'Registered', registration, credentialRevision: 1 },
    ...clientSecret,
    ...change,
  });
  return { ...record, registeredHash: wantedRegistration(existing(facts), record).hash };
};

/** These facts after the step that they ask for has failed. */
export function failing(
  change: Partial<ClientFacts>,
  failure: Partial<FailedAttempt['failure']> = {},
): Partial<ClientFacts> & { readonly attempt: FailedAttempt } {
  const facts = clientFacts(change);
  const { action } = planClient({ ...facts, attempt: undefined }, now);
  if (action === undefined) throw new Error('these facts ask for no step');
  const attempt: FailedAttempt = {
    fingerprint: fingerprintOf(action, facts.client),
    failure: { reason: 'IssuerUnavailable', message: 'no answer', retry: 'soon', ...failure },
    at: now,
    count: 1,
  };
  return { ...change, attempt };
}

/** What a plan says, in a line: action, Ready with its reason, the id, and whether it looks again. */
const told = ({ action, conditions, clientID, requeueAt }: ClientPlan): string => {
  const ready = conditions.find(({ type }) => type === 'Ready');
  const state = ready ? `${ready.status} ${ready.reason}` : 'tells nothing';
  return `${action?.kind ?? 'wait'}, ${state}${clientID ? ` as ${clientID}` : ''}${requeueAt ? ', looks again' : ''}`;
};
/** The plan for the usual client with these differences, in a line. */
export const plan = (facts: Partial<ClientFacts>): string => told(planClient(clientFacts(facts), now));

/** An issuer that makes another client each time it is asked. */
export const plain = anIssuer(withSpec({ unenforcedCeiling: 'Accept' }), without('IdempotentRegister'));
/** The tenant's copy of the credentials. */
export const copy = {
  namespace: 'acme-prod',
  name: 'credentials',
  uid: 'uid-copy',
  resourceVersion: '9',
  revision: '1/Secret',
};
