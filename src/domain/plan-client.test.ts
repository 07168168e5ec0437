import { describe, expect, it } from 'vitest';
import { copy, failing, plain, plan, registered } from '../../test/gen/client-plans.ts';
import { aRecord, clientFacts, now } from '../../test/gen/facts.ts';
import {
  aClient,
  anIssuer,
  aTenantScope,
  withMetadata,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import type { Reason } from '../api/reasons.ts';
import { minutes, seconds } from '../std/duration.ts';
import { minus } from '../std/instant.ts';
import type { ClientFacts } from './client-facts.ts';
import { planClient } from './plan-client.ts';

const bare = aClient(withMetadata({ finalizers: [] }), withStatus({}));
const keyed = aClient(
  withSpec({ authentication: { privateKey: { algorithm: 'ES256', secretRef: { name: 'key' } } } }),
);
const secretive = aClient(withSpec({ authentication: { secret: { secretRef: { name: 'credentials' } } } }));
const anyMethod = aTenantScope(
  withSpec({
    clients: {
      ...aTenantScope().spec.clients,
      authentication: ['Federated', 'PrivateKey', 'Secret'],
      adoption: 'Allowed',
    },
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
    [
      'then is ready, and looked at now and then',
      { record: registered() },
      'wait, True Ready as client-1, looks again',
    ],
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
        tenancy,
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
          "by": "ClientAssertion",
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
        "proofOfPossession": "None",
        "redirectURIs": [],
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

describe('a registration that is out of hand', () => {
  const outdated = { record: { ...registered(), registeredHash: 'other' } };
  const asked = (change: Partial<ClientFacts>, reason: Reason): Partial<ClientFacts> => {
    const failed = failing({ ...outdated, ...change }, { reason, retry: 'slow' });
    return { ...failed, attempt: { ...failed.attempt, at: minus(now, minutes(1)) } };
  };
  it.each<[string, Partial<ClientFacts>, string]>([
    [
      'since the issuer lost it is made again by its mark',
      asked({}, 'RegistrationLost'),
      'reclaim, False RegistrationLost as client-1',
    ],
    [
      'since the issuer does not take our token is found by its mark',
      asked({}, 'IssuerUnauthorized'),
      'reclaim, False IssuerUnauthorized as client-1',
    ],
    [
      'is not made a second time where there is no mark',
      asked({ issuer: plain }, 'RegistrationLost'),
      'update, False RegistrationLost as client-1',
    ],
    [
      'is not looked for because the issuer refused its new form',
      asked({}, 'IssuerRejected'),
      'update, False IssuerRejected as client-1',
    ],
    [
      'is withdrawn by its mark when its tenant is suspended',
      asked({ tenancy: { kind: 'none' } }, 'IssuerUnauthorized'),
      'reclaim, False NoTenantScope as client-1',
    ],
    [
      'from the start, since the issuer has no RFC 7592, is told to a person and not asked for again',
      { record: aRecord({ phase: 'Registered', registration: { clientID: 'client-1' } }) },
      'wait, False ManagementUnsupported as client-1',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan(facts)).toBe(expected);
  });
});

describe('credentials', () => {
  const facts = clientFacts({ client: secretive, tenancy });
  it.each<[string, Partial<ClientFacts>, string]>([
    ['are copied to the tenant', {}, 'writeCredentials, False Pending as client-1'],
    ['are there', { credentials: [copy] }, 'wait, True Ready as client-1, looks again'],
    [
      'are copied again when they changed',
      { credentials: [{ ...copy, revision: '0/Secret' }] },
      'writeCredentials, False Pending as client-1',
    ],
    [
      'rule 5: that another hand has changed are taken away',
      { credentials: [{ ...copy, tampered: true }] },
      'discardCredentials, False Pending as client-1',
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
      'that another hand had changed',
      failing(written, { reason: 'SecretTampered' }),
      'wait, False SecretTampered as client-1, looks again',
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
      'InSync=True',
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
      {
        unreadableRecord: {
          name: 'client-1',
          uid: 'u',
          resourceVersion: '1',
          problem: 'Secret client-1 has an unknown phase',
        },
      },
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
