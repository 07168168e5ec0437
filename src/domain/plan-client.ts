import type { OAuthClient } from '../api/oauth-client.ts';
import { fractionOf } from '../std/digest.ts';
import type { Instant } from '../std/instant.ts';
import { type ActionFailure, retryAt } from './attempt.ts';
import { authenticationMethod } from './authentication-method.ts';
import type { ClientFacts, ExistingClientFacts } from './client-facts.ts';
import { clientViolations, credentialsSecretName } from './client-rules.ts';
import { isFalse, isTrue, isUnknown, type PlannedCondition, withReady } from './condition.ts';
import {
  type DesiredClient,
  desiredClient,
  desiredClientHash,
  type RegisteredAuthentication,
  withdrawnClient,
} from './desired-client.ts';
import { isUsable } from './issuer-usable.ts';
import type { CredentialsSecret, RegistrationRecord } from './registration-record.ts';
import { joinViolations, type Violation } from './violation.ts';

/** Keeps an OAuthClient until its registration is deleted at the issuer. */
export const clientFinalizer = 'grantor.dev/registration';

export type ClientAction =
  | { readonly kind: 'addFinalizer' }
  | { readonly kind: 'removeFinalizer' }
  /** Store the intent, and the private key if one is needed, before the issuer is asked. */
  | { readonly kind: 'prepare'; readonly withKey: boolean; readonly record: RegistrationRecord | undefined }
  | ({ readonly kind: 'register' } & Submission)
  | ({ readonly kind: 'update' } & Submission)
  | { readonly kind: 'deregister'; readonly record: RegistrationRecord }
  | { readonly kind: 'deleteRecord'; readonly record: RegistrationRecord }
  | {
      readonly kind: 'writeCredentials';
      readonly name: string;
      readonly record: RegistrationRecord;
      readonly replaces: CredentialsSecret | undefined;
    }
  | { readonly kind: 'deleteCredentials'; readonly secret: CredentialsSecret };

/** What the issuer is told, and how we know later what it was told. */
interface Submission {
  readonly desired: DesiredClient;
  readonly hash: string;
  readonly record: RegistrationRecord;
}

export interface ClientPlan {
  readonly action?: ClientAction;
  readonly conditions: readonly PlannedCondition[];
  /** For status: the id by which the issuer knows the client. */
  readonly clientID?: string;
  readonly requeueAt?: Instant;
}

/** Decides what happens next for one client. At most one step: after it the facts are gathered again. */
export function planClient(facts: ClientFacts, now: Instant): ClientPlan {
  const { client } = facts;
  const plan =
    client === undefined
      ? { conditions: [] }
      : client.metadata.deletionTimestamp === undefined
        ? planLiving({ ...facts, client })
        : planDeletion({ ...facts, client });
  return heldBack(plan.action ? plan : { ...plan, ...planOrphan(facts) }, facts, now);
}

/** What an action tries, in a word: a failure of one step does not hold back another. */
export const fingerprintOf = (action: ClientAction, client: OAuthClient | undefined): string =>
  `${action.kind}/${client?.metadata.generation ?? 0}`;

/** Takes the action out of a plan while an earlier failure of the same one asks to wait, and tells of that failure. */
function heldBack(plan: ClientPlan, facts: ClientFacts, now: Instant): ClientPlan {
  const { client, attempt } = facts;
  if (plan.action === undefined || attempt?.fingerprint !== fingerprintOf(plan.action, client)) return plan;
  const { action, ...rest } = plan;
  const at = retryAt(attempt, fractionOf(client?.metadata.uid ?? ''));
  const ofOrphan = 'record' in action && action.record !== undefined && action.record === facts.orphan;
  const told = ofOrphan ? rest : { ...rest, conditions: tell(plan.conditions, action, attempt.failure) };
  return at <= now ? { ...told, action } : { ...told, requeueAt: at };
}

/** Conditions that say which step failed and why. */
function tell(
  conditions: readonly PlannedCondition[],
  action: ClientAction,
  { reason, message }: ActionFailure,
): readonly PlannedCondition[] {
  const ofCredentials = action.kind === 'writeCredentials' || action.kind === 'deleteCredentials';
  const failed = ofCredentials ? 'CredentialsReady' : 'Registered';
  return withReady(
    conditions
      .filter(({ type }) => type !== 'Ready')
      .map((condition) => (condition.type === failed ? isFalse(failed, reason, message) : condition)),
    '',
  );
}

/** What is left here of a client that went without waiting for us, because its finalizer was removed by hand. */
function planOrphan({ client, orphan, credentials }: ClientFacts): Pick<ClientPlan, 'action'> {
  const [secret] = credentials;
  if (client === undefined && secret !== undefined) return { action: { kind: 'deleteCredentials', secret } };
  if (orphan === undefined) return {};
  return { action: { kind: orphan.registration ? 'deregister' : 'deleteRecord', record: orphan } };
}

/** Credentials go first, then the registration, then our record of it, then the object. */
function planDeletion({ client, issuer, record, credentials }: ExistingClientFacts): ClientPlan {
  const conditions = withReady([isFalse('Registered', 'Deregistering', 'the registration is being deleted')], '');
  if (!(client.metadata.finalizers ?? []).includes(clientFinalizer)) return { conditions: [] };
  const [secret] = credentials;
  if (secret !== undefined) return { action: { kind: 'deleteCredentials', secret }, conditions };
  if (record === undefined) return { action: { kind: 'removeFinalizer' }, conditions };
  if (record.registration === undefined || client.spec.deletionPolicy === 'Orphan') {
    return { action: { kind: 'deleteRecord', record }, conditions };
  }
  if (issuer !== undefined) return { action: { kind: 'deregister', record }, conditions };
  const message = `OAuthIssuer ${record.issuer} is gone, so the client cannot be deleted there; bring it back, or set spec.deletionPolicy: Orphan to leave the client behind`;
  return { conditions: withReady([isFalse('Registered', 'IssuerNotFound', message)], '') };
}

function planLiving(facts: ExistingClientFacts): ClientPlan {
  const { client, issuer, record, unreadable } = facts;
  if (unreadable !== undefined) return { conditions: withReady([isUnknown('Allowed', 'Malformed', unreadable)], '') };
  const violations = clientViolations(facts);
  const clientID = client.spec.clientID ?? record?.registration?.clientID;
  const known = clientID === undefined ? {} : { clientID };

  // 1. What is refused gets no registration; one that exists is left with nothing to obtain.
  if (violations.length > 0) return { ...known, ...planRefused(facts, violations) };

  // 2. Nothing can be decided before the issuer was discovered.
  if (issuer === undefined || !isUsable(issuer)) {
    const message = `OAuthIssuer ${client.spec.issuerRef.name} is not ready yet`;
    return { ...known, conditions: conditionsOf(isFalse('Registered', 'IssuerNotReady', message)) };
  }

  // 3. A static issuer holds what somebody else registered.
  if (issuer.spec.driver.static !== undefined) {
    return {
      ...known,
      conditions: conditionsOf(
        isTrue('Registered', 'Registered', `as ${client.spec.clientID} by other means`),
        noCredentials,
      ),
    };
  }

  // 4. From the finalizer on, nothing at the issuer is forgotten.
  const pending = conditionsOf(isFalse('Registered', 'Pending', 'the client is being registered'));
  if (!(client.metadata.finalizers ?? []).includes(clientFinalizer)) {
    return { action: { kind: 'addFinalizer' }, conditions: pending };
  }

  // 5. The intent is stored before the issuer is asked, with the key that it will be told of.
  const method = authenticationMethod(client.spec.authentication);
  const withKey = method === 'PrivateKey';
  if (record === undefined || (withKey && record.publicKey === undefined)) {
    return { ...known, action: { kind: 'prepare', withKey, record }, conditions: pending };
  }

  // 6. Register, or bring the registration up to date.
  const desired = desiredClient(client, { ...surroundingsOf(facts), authentication: authenticationOf(facts, record) });
  const hash = desiredClientHash(desired);
  if (record.registration === undefined) {
    const repeatable = (issuer.status?.capabilities ?? []).includes('IdempotentRegister');
    if (record.phase === 'Attempting' && !repeatable) return { conditions: uncertain(record) };
    return { action: { kind: 'register', desired, hash, record }, conditions: pending };
  }
  if (record.registeredHash !== hash) {
    return { ...known, action: { kind: 'update', desired, hash, record }, conditions: pending };
  }

  // 7. Copy the credentials to where the tenant wants them, and nowhere else.
  const registered = isTrue('Registered', 'Registered', `as ${record.registration.clientID}`);
  return { ...known, ...planCredentials(facts, record, registered) };
}

function planRefused(facts: ExistingClientFacts, violations: readonly Violation[]): ClientPlan {
  const { record, issuer, credentials } = facts;
  const reason = violations[0]?.reason ?? 'NoTenantScope';
  const conditions = withReady(
    [
      isFalse('Allowed', reason, joinViolations(violations)),
      isFalse('Registered', reason, 'what is not allowed is not registered, or is registered with no rights'),
    ],
    '',
  );
  const [secret] = credentials;
  if (record?.registration !== undefined && issuer !== undefined && isUsable(issuer)) {
    const full = desiredClient(facts.client, { ...surroundingsOf(facts), authentication: authenticationOf(facts, record) });
    const desired = withdrawnClient(full);
    const hash = desiredClientHash(desired);
    if (record.registeredHash !== hash) return { action: { kind: 'update', desired, hash, record }, conditions };
  }
  if (secret !== undefined) return { action: { kind: 'deleteCredentials', secret }, conditions };
  return { conditions };
}

const noCredentials = isTrue('CredentialsReady', 'NoCredentials');

function planCredentials(
  { client, credentials }: ExistingClientFacts,
  record: RegistrationRecord,
  registered: PlannedCondition,
): ClientPlan {
  const name = credentialsSecretName(client);
  const stray = credentials.find((secret) => secret.name !== name);
  const current = credentials.find((secret) => secret.name === name);
  const ready =
    name === undefined ? noCredentials : isTrue('CredentialsReady', 'CredentialsWritten', `in Secret ${name}`);
  if (stray !== undefined) {
    return { action: { kind: 'deleteCredentials', secret: stray }, conditions: conditionsOf(registered, ready) };
  }
  if (name === undefined || current?.revision === record.credentialRevision) {
    return { conditions: conditionsOf(registered, ready) };
  }
  return {
    action: { kind: 'writeCredentials', name, record, replaces: current },
    conditions: conditionsOf(registered, isFalse('CredentialsReady', 'Pending', 'the credentials are being written')),
  };
}

/** Conditions of a client that is allowed. */
function conditionsOf(registered: PlannedCondition, credentials?: PlannedCondition): readonly PlannedCondition[] {
  const ready = credentials ?? isUnknown('CredentialsReady', 'Pending', 'there is no registration yet');
  return withReady([isTrue('Allowed', 'Allowed'), registered, ready], registered.message);
}

const uncertain = (record: RegistrationRecord): readonly PlannedCondition[] =>
  conditionsOf(
    isFalse(
      'Registered',
      'RegistrationUncertain',
      `the issuer may hold a client of ours that we do not know of; delete it there, then delete Secret ${record.name} in Grantor's namespace`,
    ),
  );

const surroundingsOf = ({ clusterID, tenancy }: ExistingClientFacts): { clusterID: string; tenantID: string } => ({
  clusterID,
  tenantID: tenancy.kind === 'tenant' ? tenancy.scope.spec.tenantID : '',
});

/** No ServiceAccount has it, so no token matches. */
const nilUID = '00000000-0000-0000-0000-000000000000';

function authenticationOf(facts: ExistingClientFacts, record: RegistrationRecord): RegisteredAuthentication {
  const { federated, privateKey } = facts.client.spec.authentication;
  if (federated !== undefined) {
    return {
      method: 'Federated',
      workload: {
        issuer: facts.serviceAccountIssuer,
        subject: `system:serviceaccount:${facts.client.metadata.namespace}:${federated.serviceAccountName}`,
        uid: facts.serviceAccountUID ?? nilUID,
      },
    };
  }
  return privateKey !== undefined && record.publicKey !== undefined
    ? { method: 'PrivateKey', publicKey: record.publicKey }
    : { method: 'Secret' };
}
