import { describe, expect, it } from 'vitest';
import { copy, existing, failing, plain, plan, registered } from '../../test/gen/client-plans.ts';
import { aRecord, clientFacts, now } from '../../test/gen/facts.ts';
import {
  aClient,
  anIssuer,
  aTenantScope,
  withMetadata,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import { seconds } from '../std/duration.ts';
import { minus } from '../std/instant.ts';
import type { ClientFacts } from './client-facts.ts';
import { planClient } from './plan-client.ts';
import { withdrawnRegistration } from './wanted-registration.ts';

const bare = aClient(withMetadata({ finalizers: [] }), withStatus({}));
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
      'wait, False Malformed as client-1',
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
      { credentials: [{ ...copy, revision: '0/Secret' }] },
      'writeCredentials, False Pending as client-1',
    ],
    [
      'under an earlier name are removed',
      { credentials: [copy, { ...copy, name: 'old' }] },
      'deleteCredentials, True Ready as client-1',
    ],
  ])('%s', (_, change, expected) => {
    expect(plan({ ...facts, record: registered(facts), ...change })).toBe(expected);
  });
});

describe('credentials of which the last step failed', () => {
  const facts = clientFacts({ client: secretive, tenancy });
  const written = { ...facts, record: registered(facts) };
  it.each<[string, Partial<ClientFacts>, string]>([
    [
      'that could not be written',
      failing(written, { reason: 'SecretConflict' }),
      'wait, False SecretConflict as client-1, looks again',
    ],
    [
      'that could not be taken away',
      failing({ ...written, credentials: [copy, { ...copy, name: 'old' }] }, { reason: 'SecretWriteFailed' }),
      'wait, False SecretWriteFailed as client-1, looks again',
    ],
  ])('%s are what is told, not the registration', (_, change, expected) => {
    expect(plan(change)).toBe(expected);
    const { conditions } = planClient(clientFacts(change), now);
    expect(conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Ready=False',
      'Allowed=True',
      'Registered=True',
      'CredentialsReady=False',
    ]);
  });
});

describe('a record that is no ground to go on from', () => {
  const old = { issuerIdentifier: 'https://old.example' };
  it.each<[string, Partial<ClientFacts>, string]>([
    [
      'is that of an issuer whose name another one has now',
      { record: registered(undefined, old) },
      'wait, False IssuerReplaced as client-1',
    ],
    ['is that of such an issuer before it answered', { record: aRecord(old) }, 'wait, False IssuerReplaced'],
    [
      'is one that cannot be read: it is not made anew',
      { unreadableRecord: 'Secret client-1 has an unknown phase' },
      'wait, False Malformed',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan(facts)).toBe(expected);
  });

  it('is not withdrawn at the wrong issuer either', () => {
    expect(plan({ tenancy: { kind: 'none' }, record: registered(undefined, old) })).toBe(
      'wait, False NoTenantScope as client-1',
    );
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

  it('loses its credentials though its issuer is away and has not heard of it', () => {
    const facts = { tenancy: suspended, record: registered(), credentials: [copy] };
    expect(plan(facts)).toBe('update, False Suspended as client-1');
    expect(plan(failing(facts))).toBe('deleteCredentials, False Suspended as client-1');
  });

  it('is refused as suspended, whatever else cannot be read', () => {
    const facts = {
      tenancy: suspended,
      issuer: undefined,
      credentials: [copy],
      unreadable: 'OAuthIssuer: spec',
    };
    expect(plan(facts)).toBe('deleteCredentials, False Suspended');
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

  it('is of no ServiceAccount that could ever be when its own is gone', () => {
    const { action } = planClient(clientFacts({ serviceAccountUID: undefined, record: registered() }), now);
    expect(action?.kind === 'update' && action.desired.authentication).toMatchObject({
      workload: { uid: '00000000-0000-0000-0000-000000000000' },
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

it('suspension does not wait behind the failure of an ordinary update', () => {
  const outdated = { ...registered(), registeredHash: 'other' };
  const { attempt } = failing({ record: outdated }, { reason: 'IssuerRejected', retry: 'slow' });
  expect(plan({ record: outdated, attempt })).toBe('wait, False IssuerRejected as client-1, looks again');
  const suspended = { kind: 'tenant', scope: aTenantScope(withSpec({ suspend: true })) } as const;
  expect(plan({ record: outdated, attempt, tenancy: suspended })).toBe('update, False Suspended as client-1');
});

describe('a step that failed', () => {
  const failed = failing({ record: aRecord() });
  it.each<[string, Partial<ClientFacts>, string]>([
    ['waits, and is told', {}, 'wait, False IssuerUnavailable, looks again'],
    [
      'is tried again later',
      { attempt: { ...failed.attempt, at: minus(now, seconds(1)) } },
      'register, False IssuerUnavailable',
    ],
    ['does not hold back another', { attempt: failing({}).attempt }, 'register, False Pending'],
    [
      'does not hold back a changed client',
      { client: aClient(withSpec({ roles: [] })) },
      'register, False Pending',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan({ ...failed, ...facts })).toBe(expected);
  });
});
