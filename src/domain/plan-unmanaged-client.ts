import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { Instant } from '../std/instant.ts';
import { allowedConditions, registeredAs, standingCredentials } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import type { ClientPlan } from './client-plan.ts';
import { isFalse } from './condition.ts';
import { rotationStatus } from './plan-credential-rotation.ts';
import { inSync, planLook } from './plan-look.ts';
import { wantedRegistration } from './wanted-registration.ts';

/** A client that may be, and for which nothing is sent: it is looked at (`Observe`), or not even that (`Paused`). */
export function planUnmanagedClient(
  facts: ExistingClientFacts,
  issuer: OAuthIssuer,
  now: Instant,
): ClientPlan {
  const { record } = facts;
  const { management } = facts.client.spec;
  const reason = management === 'Paused' ? 'Paused' : 'Observed';
  const because = `spec.management is ${management}`;
  if (record?.registration === undefined)
    return {
      conditions: allowedConditions(isFalse('Registered', reason, `${because}: nothing is registered`)),
    };
  const { clientID } = record.registration;
  const wanted = wantedRegistration(facts, record);
  const conditions = allowedConditions(
    registeredAs(clientID),
    standingCredentials(facts, `${because}: nothing is written`),
    inSync(facts, wanted, issuer),
  );
  const told = { conditions, rotation: rotationStatus(record, {}) };
  return management === 'Paused' ? told : { ...told, ...planLook(facts, wanted, issuer, now) };
}
