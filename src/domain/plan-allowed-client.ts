import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { Instant } from '../std/instant.ts';
import { authenticationMethod } from './authentication-method.ts';
import {
  allowedConditions,
  incomparable,
  managementObstacle,
  noCredentials,
  recordObstacle,
  registeredAs,
  registrationUncertain,
} from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientPlan, clientFinalizer } from './client-plan.ts';
import { isFalse, isTrue } from './condition.ts';
import { isFor } from './credential.ts';
import { isUnwanted, rotationObstacle } from './credential-policy.ts';
import { type AuthenticationMethod, isStored, type StoredMethod } from './grant.ts';
import { issuerHas, isUsable } from './issuer-usable.ts';
import { rotationStatus } from './plan-credential-rotation.ts';
import { inSync } from './plan-look.ts';
import { planRegisteredClient } from './plan-registered-client.ts';
import { withRequestedRevocation } from './plan-requested-revocation.ts';
import { planSubmission } from './plan-submission.ts';
import { planUnmanagedClient } from './plan-unmanaged-client.ts';
import { planWithdrawal } from './plan-withdrawal.ts';
import type { RegistrationRecord } from './registration-record.ts';
import { tenantOf } from './tenant-status.ts';
import { isRegisteredButForRotation, wantedRegistration } from './wanted-registration.ts';

/** A client that may be: it is registered as it is wanted, and has its credentials. */
export function planAllowedClient(facts: ExistingClientFacts, now: Instant): ClientPlan {
  const { client, issuer, record } = facts;

  // 1. Nothing can be decided before the issuer was discovered.
  if (issuer === undefined || !isUsable(issuer)) {
    const message = `OAuthIssuer ${client.spec.issuerRef.name} is not ready yet`;
    return { conditions: allowedConditions(isFalse('Registered', 'IssuerNotReady', message)) };
  }

  // 2. A static issuer holds what somebody else registered.
  if (issuer.spec.driver.static !== undefined) {
    return {
      conditions: allowedConditions(
        isTrue('Registered', 'Registered', `as ${client.spec.clientID} by other means`),
        noCredentials,
        incomparable,
      ),
    };
  }

  // 3. From the finalizer on, nothing at the issuer is forgotten.
  const pending = allowedConditions(isFalse('Registered', 'Pending', 'the client is being registered'));
  if (!(client.metadata.finalizers ?? []).includes(clientFinalizer)) {
    return { action: { kind: 'addFinalizer' }, conditions: pending };
  }

  // 4. A record that cannot be read, or that is of another issuer, is for a person to settle: nothing is sent on its account.
  const obstacle = recordObstacle(facts, issuer);
  if (obstacle !== undefined) return { conditions: allowedConditions(obstacle) };

  // 5. What it could obtain as another tenant's client is taken away in full before it gets the rights of this one.
  if (record?.tenantID !== undefined && record.tenantID !== tenantOf(facts)?.spec.tenantID) {
    const { action, obstacle } = planWithdrawal(facts, record, issuer);
    if (action !== undefined) return { action, conditions: pending };
    if (obstacle !== undefined) return { conditions: allowedConditions(obstacle) };
  }

  // 6. Who does not manage it sends nothing for it.
  if (client.spec.management !== 'Manage') return planUnmanagedClient(facts, issuer, now);

  // 7. The intent is stored before the issuer is asked, with the credential that it will be told of. What cannot be rotated as it should
  // is not begun.
  const unrotatable = rotationObstacle(client, issuer, record);
  if (unrotatable !== undefined && record?.registration === undefined) {
    return { conditions: allowedConditions({ ...unrotatable, type: 'Registered' }) };
  }
  const method = authenticationMethod(client.spec.authentication);
  const credential = missingCredential(method, record, issuer);
  if (record === undefined || credential !== undefined) {
    return { action: { kind: 'prepare', credential, record }, conditions: pending };
  }
  const isOther = record.rotation !== undefined && !isFor(record.rotation.other, method);
  if (isOther || isUnwanted(client, record, facts.attempt)) {
    return { action: { kind: 'rotateCredentials', step: 'abandon', record }, conditions: pending };
  }

  // 8. Register.
  const wanted = wantedRegistration(facts, record);
  if (record.registration === undefined) {
    if (record.phase === 'Attempting' && !issuerHas(issuer, 'IdempotentRegister')) {
      return { conditions: allowedConditions(registrationUncertain(record)) };
    }
    return { action: { kind: 'register', ...wanted }, conditions: pending };
  }

  // 9. Bring the registration up to date. A rotation that the issuer does not take keeps no token from being renewed.
  if (record.registeredHash !== wanted.hash) {
    const rotation = rotationStatus(record, {});
    const unmanageable = managementObstacle(record, issuer);
    if (unmanageable !== undefined) return { rotation, conditions: allowedConditions(unmanageable) };
    const synced = inSync(facts, wanted, issuer);
    if (isRegisteredButForRotation(facts, record)) {
      const action = planSubmission(
        { ...wanted, credentialsOnly: true as const },
        issuer,
        facts.attempt,
        facts.look,
      );
      return {
        action,
        rotation,
        conditions: allowedConditions(registeredAs(record.registration.clientID), rotating, synced),
      };
    }
    const updating = isFalse('Registered', 'Pending', 'the registration is being brought up to date');
    const action = planSubmission(wanted, issuer, facts.attempt, facts.look);
    return { action, rotation, conditions: allowedConditions(updating, undefined, synced) };
  }

  // 10. What is registered is kept so.
  const registered = { ...record, registration: record.registration };
  const plan = planRegisteredClient(facts, registered, wanted, issuer, now);
  return withRequestedRevocation(plan, { ...facts, record: registered }, issuer, now);
}

const rotating = isFalse('CredentialsReady', 'Pending', 'the credential is being rotated');

/** What we have to make, and have not yet: a key, perhaps with a certificate, or a secret where the issuer takes ours. */
function missingCredential(
  method: AuthenticationMethod,
  record: RegistrationRecord | undefined,
  issuer: OAuthIssuer,
): StoredMethod | undefined {
  if (!isStored(method) || (record !== undefined && isFor(record, method))) return undefined;
  return method !== 'Secret' || issuerHas(issuer, 'ChooseSecret') ? method : undefined;
}
