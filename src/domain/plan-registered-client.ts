import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { earliestKnown, type Instant } from '../std/instant.ts';
import { authenticationMethod } from './authentication-method.ts';
import { allowedConditions, credentialsWritten, noCredentials, registeredAs } from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import type { ClientPlan, Submission } from './client-plan.ts';
import { isFalse, type PlannedCondition } from './condition.ts';
import { hasMoreThan } from './credential.ts';
import { rotationObstacle } from './credential-policy.ts';
import { credentialsSecretName } from './credentials-secret-name.ts';
import { planCredentialRotation, type RotationPlan, rotationStatus } from './plan-credential-rotation.ts';
import { inSync, planLook } from './plan-look.ts';
import { credentialsRevision, type Registration, type RegistrationRecord } from './registration-record.ts';

/** A client whose issuer was told all that is wanted of it. */
export function planRegisteredClient(
  facts: ExistingClientFacts,
  record: RegistrationRecord & { readonly registration: Registration },
  wanted: Submission,
  issuer: OAuthIssuer,
  now: Instant,
): ClientPlan {
  const { client, credentials } = facts;
  const conditionsWith = (credentials: PlannedCondition) =>
    allowedConditions(registeredAs(record.registration.clientID), credentials, inSync(facts, wanted, issuer));

  const { action, ready } = planCopy(facts, record);
  const rotation = rotationStatus(record, {});

  // 1. Copy the credentials to where the tenant wants them, and nowhere else.
  if (action !== undefined) return { action, rotation, conditions: conditionsWith(ready) };

  // 2. What it logged in with before it changed its way is not kept: it would come back to life with that way.
  const method = authenticationMethod(client.spec.authentication);
  if (record.rotation === undefined && hasMoreThan(record, method)) {
    const forget = { kind: 'rotateCredentials', step: 'forget', record } as const;
    return { action: forget, rotation, conditions: conditionsWith(ready) };
  }

  // 3. Replace them in time.
  const copy = credentials.find(({ name }) => name === credentialsSecretName(client));
  const unrotatable = record.rotation === undefined ? rotationObstacle(client, issuer, record) : undefined;
  const next = copy && !unrotatable ? planCredentialRotation(facts, record, copy, now) : {};
  const told = {
    rotation: rotationStatus(record, next),
    conditions: conditionsWith((copy && unrotatable) ?? (next.overdue ? stillNeeded(ready, next) : ready)),
  };
  if (next.action !== undefined) return { action: next.action, ...told };

  // 4. Nothing else is to be done: look now and then whether the issuer still holds it so.
  const look = planLook(facts, wanted, issuer, now);
  return { ...told, ...look, requeueAt: earliestKnown(next.requeueAt, look.requeueAt) };
}

/** No failure: the client works with either, but a person has to look after the pods that still have the former one. */
const stillNeeded = (ready: PlannedCondition, { waitsFor }: RotationPlan): PlannedCondition => ({
  ...ready,
  reason: 'StaleConsumers',
  message: `${ready.message}; the former one stays valid beyond maxOverlap for ${waitsFor}`,
});

/** What the tenant's copy of the credentials lacks, and how it stands. */
function planCopy(
  { client, credentials }: ExistingClientFacts,
  record: RegistrationRecord,
): Pick<ClientPlan, 'action'> & { readonly ready: PlannedCondition } {
  const name = credentialsSecretName(client);
  const ready = name === undefined ? noCredentials : credentialsWritten(name);
  const stray = credentials.find((secret) => secret.name !== name);
  if (stray !== undefined) return { action: { kind: 'deleteCredentials', secret: stray }, ready };
  const current = credentials.find((secret) => secret.name === name);
  const pending = isFalse('CredentialsReady', 'Pending', 'the credentials are being written');
  if (current?.tampered) {
    return {
      action: { kind: 'discardCredentials', insteadOf: 'writeCredentials', secret: current },
      ready: pending,
    };
  }
  const revision = credentialsRevision(record, authenticationMethod(client.spec.authentication));
  if (name === undefined || current?.revision === revision) return { ready };
  return { action: { kind: 'writeCredentials', name, record, replaces: current }, ready: pending };
}
