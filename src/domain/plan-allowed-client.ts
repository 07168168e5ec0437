import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { Instant } from '../std/instant.ts';
import { authenticationMethod } from './authentication-method.ts';
import {
  allowedConditions,
  credentialsWritten,
  managementObstacle,
  noCredentials,
  recordObstacle,
  registrationUncertain,
} from './client-conditions.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { type ClientPlan, clientFinalizer } from './client-plan.ts';
import { isFalse, isTrue, type PlannedCondition } from './condition.ts';
import { isFor } from './credential.ts';
import { rotationObstacle } from './credential-policy.ts';
import { credentialsSecretName } from './credentials-secret-name.ts';
import type { AuthenticationMethod } from './grant.ts';
import { issuerHas, isUsable } from './issuer-usable.ts';
import { planCredentialRotation, rotationStatus } from './plan-credential-rotation.ts';
import { planSubmission } from './plan-submission.ts';
import { planWithdrawal } from './plan-withdrawal.ts';
import { credentialsRevision, type Registration, type RegistrationRecord } from './registration-record.ts';
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

  // 5. The intent is stored before the issuer is asked, with the credential that it will be told of. What cannot be rotated as it should
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
  if (record.rotation !== undefined && !isFor(record.rotation.other, method)) {
    return { action: { kind: 'rotateCredentials', step: 'abandon', record }, conditions: pending };
  }
  const rotation = rotationStatus(record, {});

  // 6. What it could obtain as another tenant's client is taken away in full before it gets the rights of this one.
  if (record.tenantID !== undefined && record.tenantID !== tenantOf(facts)?.spec.tenantID) {
    const { action, obstacle } = planWithdrawal(facts, record, issuer);
    if (action !== undefined) return { action, conditions: pending };
    if (obstacle !== undefined) return { rotation, conditions: allowedConditions(obstacle) };
  }

  // 7. Register, or bring the registration up to date.
  const wanted = wantedRegistration(facts, record);
  if (record.registration === undefined) {
    if (record.phase === 'Attempting' && !issuerHas(issuer, 'IdempotentRegister')) {
      return { conditions: allowedConditions(registrationUncertain(record)) };
    }
    return { action: { kind: 'register', ...wanted }, conditions: pending };
  }
  if (record.registeredHash !== wanted.hash) {
    const unmanageable = managementObstacle(record, issuer);
    if (unmanageable !== undefined) return { rotation, conditions: allowedConditions(unmanageable) };
    // A rotation that the issuer does not take keeps no token from being renewed.
    if (isRegisteredButForRotation(facts, record)) {
      const submission = { ...wanted, credentialsOnly: true as const };
      const conditions = allowedConditions(registeredAs(record.registration), rotating);
      return { action: planSubmission(submission, issuer, facts.attempt), rotation, conditions };
    }
    return { action: planSubmission(wanted, issuer, facts.attempt), rotation, conditions: pending };
  }

  // 8. Copy the credentials to where the tenant wants them, and nowhere else.
  const registered = registeredAs(record.registration);
  const copied = planCredentials(facts, record, registered);
  const copy = facts.credentials.find(({ name }) => name === credentialsSecretName(client));
  if (copied.action !== undefined || copy === undefined) return { rotation, ...copied };

  // 9. Replace them in time.
  if (unrotatable !== undefined && record.rotation === undefined) {
    return { rotation, conditions: allowedConditions(registered, unrotatable) };
  }
  const plan = planCredentialRotation(facts, record, copy, now);
  return { ...copied, ...plan, rotation: rotationStatus(record, plan) };
}

const registeredAs = ({ clientID }: Registration): PlannedCondition =>
  isTrue('Registered', 'Registered', `as ${clientID}`);

const rotating = isFalse('CredentialsReady', 'Pending', 'the credential is being rotated');

/** What we have to make, and have not yet: a key, or a secret where the issuer takes ours. */
function missingCredential(
  method: AuthenticationMethod,
  record: RegistrationRecord | undefined,
  issuer: OAuthIssuer,
): 'PrivateKey' | 'Secret' | undefined {
  if (method === 'Federated' || (record !== undefined && isFor(record, method))) return undefined;
  return method === 'PrivateKey' || issuerHas(issuer, 'ChooseSecret') ? method : undefined;
}

function planCredentials(
  { client, credentials }: ExistingClientFacts,
  record: RegistrationRecord,
  registered: PlannedCondition,
): ClientPlan {
  const name = credentialsSecretName(client);
  const stray = credentials.find((secret) => secret.name !== name);
  const current = credentials.find((secret) => secret.name === name);
  const ready = name === undefined ? noCredentials : credentialsWritten(name);
  if (stray !== undefined) {
    return {
      action: { kind: 'deleteCredentials', secret: stray },
      conditions: allowedConditions(registered, ready),
    };
  }
  const pending = isFalse('CredentialsReady', 'Pending', 'the credentials are being written');
  if (current?.tampered) {
    return {
      action: { kind: 'discardCredentials', insteadOf: 'writeCredentials', secret: current },
      conditions: allowedConditions(registered, pending),
    };
  }
  const revision = credentialsRevision(record, authenticationMethod(client.spec.authentication));
  if (name === undefined || current?.revision === revision) {
    return { conditions: allowedConditions(registered, ready) };
  }
  return {
    action: { kind: 'writeCredentials', name, record, replaces: current },
    conditions: allowedConditions(registered, pending),
  };
}
