import { describe, expect, it } from 'vitest';
import { aRecord, clientFacts, now, registration } from '../../test/gen/facts.ts';
import {
  aClient,
  anIssuer,
  aTenantScope,
  withMetadata,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import { minutes, seconds } from '../std/duration.ts';
import { minus } from '../std/instant.ts';
import type { FailedAttempt } from './attempt.ts';
import { capabilities } from './capability.ts';
import type { ClientFacts } from './client-facts.ts';
import type { ClientPlan } from './client-plan.ts';
import { planClient } from './plan-client.ts';
import type { RegistrationRecord } from './registration-record.ts';
import { wantedRegistration, withdrawnRegistration } from './wanted-registration.ts';

const existing = (facts: ClientFacts) => ({ ...facts, client: facts.client ?? aClient() });

/** The record of a client whose registration is as it is wanted. */
const registered = (
  facts: ClientFacts = clientFacts(),
  change: Partial<RegistrationRecord> = {},
): RegistrationRecord => {
  const record = aRecord({ phase: 'Registered', registration, credentialRevision: 1, ...change });
  return { ...record, registeredHash: wantedRegistration(existing(facts), record).hash };
};

const failed = (fingerprint: string, change: Partial<FailedAttempt['failure']> = {}): FailedAttempt => ({
  fingerprint,
  failure: { reason: 'IssuerUnavailable', message: 'no answer', retry: 'soon', ...change },
  at: now,
  count: 1,
});

const told = ({ action, conditions, clientID, requeueAt }: ClientPlan): string => {
  const ready = conditions.find(({ type }) => type === 'Ready');
  const state = ready ? `${ready.status} ${ready.reason}` : 'tells nothing';
  return `${action?.kind ?? 'wait'}, ${state}${clientID ? ` as ${clientID}` : ''}${requeueAt ? ', looks again' : ''}`;
};
const plan = (facts: Partial<ClientFacts>): string => told(planClient(clientFacts(facts), now));

const bare = aClient(withMetadata({ finalizers: [] }), withStatus({}));
const plain = anIssuer(
  withSpec({ unenforcedCeiling: 'Accept' }),
  withStatus({
    observedGeneration: 1,
    capabilities: capabilities.filter((capability) => capability !== 'IdempotentRegister'),
  }),
);
const keyed = aClient(
  withSpec({ authentication: { privateKey: { algorithm: 'ES256', secretRef: { name: 'key' } } } }),
);
const secretive = aClient(withSpec({ authentication: { secret: { secretRef: { name: 'credentials' } } } }));
const anyMethod = aTenantScope(
  withSpec({
    clients: { grantTypes: ['ClientCredentials'], authentication: ['Federated', 'PrivateKey', 'Secret'] },
  }),
);
const tenancy = { kind: 'tenant', scope: anyMethod } as const;
const copy = {
  namespace: 'acme-prod',
  name: 'credentials',
  uid: 'uid-copy',
  resourceVersion: '9',
  revision: 1,
};

describe('a client that is allowed', () => {
  it.each<[string, Partial<ClientFacts>, string]>([
    [
      'waits for its issuer to be discovered',
      { issuer: anIssuer(withStatus({})) },
      'wait, False IssuerNotReady',
    ],
    ['gets its finalizer first', { client: bare }, 'addFinalizer, False Pending'],
    ['then has its intent stored', {}, 'prepare, False Pending'],
    ['then is registered', { record: aRecord() }, 'register, False Pending'],
    ['then is ready', { record: registered() }, 'wait, True Ready as client-1'],
    [
      'is brought up to date when its spec changed',
      { record: { ...registered(), registeredHash: 'other' } },
      'update, False Pending as client-1',
    ],
    [
      'gets a key before it is registered with one',
      { client: keyed, tenancy, record: aRecord() },
      'prepare, False Pending',
    ],
    [
      'at a static issuer is what its spec says',
      {
        issuer: anIssuer(withSpec({ driver: { static: {} }, unenforcedCeiling: 'Accept' })),
        client: aClient(withSpec({ clientID: 'by-hand' })),
      },
      'wait, True Ready as by-hand',
    ],
    [
      'waits while what it depends on cannot be read',
      { unreadable: 'OAuthIssuer: spec: Required', record: registered() },
      'wait, False Malformed',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan(facts)).toBe(expected);
  });

  it('is registered as its spec and its tenant say, for its ServiceAccount alone', () => {
    const { action } = planClient(clientFacts({ record: aRecord() }), now);
    expect(action?.kind === 'register' && action.desired).toMatchInlineSnapshot(`
      {
        "accessTokenLifetime": 600000,
        "audiences": [
          "https://api.example",
        ],
        "authentication": {
          "method": "Federated",
          "workload": {
            "issuer": "https://kubernetes.default.svc",
            "subject": "system:serviceaccount:acme-prod:billing",
            "uid": "uid-sa",
          },
        },
        "grantTypes": [
          "ClientCredentials",
        ],
        "mark": "grantor:cluster-1:acme-prod:billing:uid-billing",
        "name": "acme-prod/billing",
        "roles": [
          "biller",
        ],
        "scopes": [
          "invoices.read",
          "invoices.write",
        ],
        "tenantID": "acme",
      }
    `);
  });
});

describe('an issuer that would make a second client', () => {
  it.each<[string, Partial<ClientFacts>, string]>([
    ['is asked once', { record: aRecord() }, 'register, False Pending'],
    [
      'is not asked again when its answer is not known',
      { record: aRecord({ phase: 'Attempting' }) },
      'wait, False RegistrationUncertain',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan({ issuer: plain, ...facts })).toBe(expected);
  });

  it('is asked again when the same mark gives the same client', () => {
    expect(plan({ record: aRecord({ phase: 'Attempting' }) })).toBe('register, False Pending');
  });
});

describe('credentials', () => {
  const facts = clientFacts({ client: secretive, tenancy });
  it.each<[string, Partial<ClientFacts>, string]>([
    ['are copied to the tenant', {}, 'writeCredentials, False Pending as client-1'],
    ['are there', { credentials: [copy] }, 'wait, True Ready as client-1'],
    [
      'are copied again when they changed',
      { credentials: [{ ...copy, revision: 0 }] },
      'writeCredentials, False Pending as client-1',
    ],
    [
      'under an earlier name are removed',
      { credentials: [copy, { ...copy, name: 'old' }] },
      'deleteCredentials, True Ready as client-1',
    ],
    [
      'that could not be written are told of',
      {
        attempt: failed('writeCredentials/1', { reason: 'SecretConflict', message: 'taken', retry: 'wait' }),
      },
      'wait, False SecretConflict as client-1, looks again',
    ],
  ])('%s', (_, change, expected) => {
    expect(plan({ ...facts, record: registered(facts), ...change })).toBe(expected);
  });
});

describe('a client that is refused', () => {
  const suspended = { kind: 'tenant', scope: aTenantScope(withSpec({ suspend: true })) } as const;
  it.each<[string, Partial<ClientFacts>, string]>([
    ['is not registered', { tenancy: { kind: 'none' } }, 'wait, False NoTenantScope'],
    [
      'is left with nothing to obtain if it was',
      { tenancy: suspended, record: registered() },
      'update, False Suspended as client-1',
    ],
    [
      'is left so when its ServiceAccount is gone',
      { serviceAccountUID: undefined, record: registered() },
      'update, False ServiceAccountNotFound as client-1',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan(facts)).toBe(expected);
  });

  it('keeps its id and has no scope, audience or role, whoever its tenant was', () => {
    const facts = clientFacts({ tenancy: { kind: 'none' }, record: registered() });
    const { action } = planClient(facts, now);
    expect(action?.kind === 'update' && action.desired).toMatchObject({
      mark: 'grantor:cluster-1:acme-prod:billing:uid-billing',
      tenantID: 'withdrawn',
      scopes: [],
      audiences: [],
      roles: [],
    });
  });

  it('is not told twice, and loses its credentials', () => {
    const record = registered();
    const facts = clientFacts({ tenancy: { kind: 'none' }, record });
    const withdrawn = { ...record, registeredHash: withdrawnRegistration(existing(facts), record).hash };
    expect(plan({ ...facts, record: withdrawn, credentials: [copy] })).toBe(
      'deleteCredentials, False NoTenantScope as client-1',
    );
    expect(plan({ ...facts, record: withdrawn })).toBe('wait, False NoTenantScope as client-1');
  });
});

describe('a client that is being deleted', () => {
  const client = aClient(withMetadata({ deletionTimestamp: '2026-06-01T12:00:00Z' }));
  const orphaned = aClient(
    withMetadata({ deletionTimestamp: '2026-06-01T12:00:00Z' }),
    withSpec({ deletionPolicy: 'Orphan' }),
  );
  const refused = failed('deregister/1', { reason: 'IssuerUnauthorized', retry: 'slow' });
  const waited = { ...refused, at: minus(now, minutes(1)) };
  it.each<[string, Partial<ClientFacts>, string]>([
    [
      'loses its credentials first',
      { record: registered(), credentials: [copy] },
      'deleteCredentials, False Deregistering',
    ],
    ['then its registration', { record: registered() }, 'deregister, False Deregistering'],
    ['then its finalizer', {}, 'removeFinalizer, False Deregistering'],
    [
      'that is to be left behind keeps its registration',
      { client: orphaned, record: registered() },
      'deleteRecord, False Deregistering',
    ],
    [
      'stays while its issuer is gone, and says what to do',
      { issuer: undefined, record: registered() },
      'wait, False IssuerNotFound',
    ],
    [
      'stays while its issuer is away',
      { record: registered(), attempt: failed('deregister/1') },
      'wait, False IssuerUnavailable, looks again',
    ],
    [
      'is found by its mark when its token is refused',
      { record: registered(), attempt: waited },
      'reclaim, False IssuerUnauthorized',
    ],
    [
      'is found by its mark when the answer to its registration got lost',
      { record: aRecord() },
      'reclaim, False Deregistering',
    ],
    [
      'is not looked for where that would make a client',
      { issuer: plain, record: aRecord() },
      'deleteRecord, False Deregistering',
    ],
    [
      'stays where it may be and cannot be found',
      { issuer: plain, record: aRecord({ phase: 'Attempting' }) },
      'wait, False RegistrationUncertain',
    ],
    [
      'is of no concern without our finalizer',
      { client: aClient(withMetadata({ deletionTimestamp: 'x', finalizers: [] })) },
      'wait, tells nothing',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan({ client, ...facts })).toBe(expected);
  });
});

describe('what a client that went without us left behind', () => {
  it.each<[string, Partial<ClientFacts>, string]>([
    [
      'is its copy of the credentials',
      { client: undefined, credentials: [copy] },
      'deleteCredentials, tells nothing',
    ],
    ['is its registration', { client: undefined, orphan: registered() }, 'deregister, tells nothing'],
    [
      'is a record that led to nothing',
      { client: undefined, orphan: aRecord() },
      'deleteRecord, tells nothing',
    ],
    [
      'does not stand in the way of its successor',
      { record: registered(), orphan: registered() },
      'deregister, True Ready as client-1',
    ],
    [
      'does not make its successor look failed',
      { record: registered(), orphan: registered(), attempt: failed('deregister/1') },
      'wait, True Ready as client-1, looks again',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan(facts)).toBe(expected);
  });
});

describe('a step that failed', () => {
  it.each<[string, Partial<ClientFacts>, string]>([
    ['waits, and is told', { attempt: failed('register/1') }, 'wait, False IssuerUnavailable, looks again'],
    [
      'is tried again later',
      { attempt: { ...failed('register/1'), at: minus(now, seconds(1)) } },
      'register, False IssuerUnavailable',
    ],
    ['does not hold back another', { attempt: failed('prepare/1') }, 'register, False Pending'],
    [
      'does not hold back a changed client',
      { client: aClient(withMetadata({ generation: 2 })), attempt: failed('register/1') },
      'register, False Pending',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan({ record: aRecord(), ...facts })).toBe(expected);
  });
});
