import { describe, expect, it } from 'vitest';
import { copy, failing, plain, plan, registered } from '../../test/gen/client-plans.ts';
import { aRecord, clientFacts, now, registration } from '../../test/gen/facts.ts';
import { aClient, anIssuer, withMetadata, without, withSpec, withStatus } from '../../test/gen/objects.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { minutes } from '../std/duration.ts';
import { minus } from '../std/instant.ts';
import type { ClientFacts } from './client-facts.ts';
import type { RegisteredAuthentication } from './desired-client.ts';
import { planClient } from './plan-client.ts';
import type { RegistrationRecord } from './registration-record.ts';
import { bareRegistration } from './wanted-registration.ts';

describe('a client that is being deleted', () => {
  const client = aClient(withMetadata({ deletionTimestamp: '2026-06-01T12:00:00Z' }));
  const orphaned = aClient(
    withMetadata({ deletionTimestamp: '2026-06-01T12:00:00Z' }),
    withSpec({ deletionPolicy: 'Orphan' }),
  );
  const bare = bareRegistration('cluster-1', registered()).hash;
  const left = { ...registered(), registeredHash: bare };
  const oneByOne = anIssuer(without('RevokeAll'));
  const replaced = anIssuer(withSpec({ issuer: 'https://other.example' }));
  const unreadableRecord = {
    name: 'client-uid-billing',
    uid: 'uid-record',
    resourceVersion: '1',
    problem: 'Secret client-uid-billing has an unknown phase',
  };
  const unmanaged = registered(undefined, { registration: { clientID: 'client-1' } });
  const refused = failing(
    { client, record: registered() },
    { reason: 'IssuerUnauthorized', retry: 'slow' },
  ).attempt;
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
      'that is to be left behind is left with nothing to obtain',
      { client: orphaned, record: registered() },
      'update, False Deregistering',
    ],
    [
      'that is left so loses its tokens',
      { client: orphaned, record: left },
      'revokeTokens, False Deregistering',
    ],
    [
      'that is left so goes when its tokens are revoked',
      { client: orphaned, record: { ...left, tokensRevoked: true } },
      'deleteRecord, False Deregistering',
    ],
    [
      'that is left so waits for an issuer that is away, since its tokens live',
      failing({ client: orphaned, record: left }),
      'wait, False IssuerUnavailable, looks again',
    ],
    [
      'that is left so goes where the issuer revokes nothing for it',
      failing({ client: orphaned, record: left }, { reason: 'IssuerUnauthorized' }),
      'deleteRecord, False Deregistering',
    ],
    [
      'that is left so goes at an issuer that revokes one token at a time',
      { client: orphaned, record: left, issuer: oneByOne },
      'deleteRecord, False Deregistering',
    ],
    [
      'that is to be left behind is found by its mark when the answer to its registration got lost',
      { client: orphaned, record: aRecord({ phase: 'Attempting' }) },
      'reclaim, False Deregistering',
    ],
    [
      'that is to be left behind waits while its issuer is away',
      failing({ client: orphaned, record: registered() }),
      'wait, False IssuerUnavailable, looks again',
    ],
    [
      'waits while it is not known whether its issuer could find it, were the deletion refused',
      { issuer: anIssuer(withStatus({})), record: registered() },
      'wait, False IssuerNotReady',
    ],
    [
      'that is to be left behind waits while it is not known what its issuer can find',
      { client: orphaned, issuer: anIssuer(withStatus({})), record: aRecord({ phase: 'Attempting' }) },
      'wait, False IssuerNotReady',
    ],
    [
      'that is to be left behind waits while its issuer cannot be read',
      { client: orphaned, issuer: undefined, unreadable: 'OAuthIssuer: spec', record: registered() },
      'wait, False Malformed',
    ],
    [
      'that is to be left behind goes when its issuer is gone',
      { client: orphaned, issuer: undefined, record: registered() },
      'deleteRecord, False Deregistering',
    ],
    [
      'that is to be left behind goes when its issuer was replaced',
      { client: orphaned, issuer: replaced, record: registered() },
      'deleteRecord, False Deregistering',
    ],
    [
      'that is to be left behind goes when its issuer gave no means to manage it',
      { client: orphaned, record: unmanaged },
      'deleteRecord, False Deregistering',
    ],
    [
      'that is to be left behind goes when its issuer does not take our token and has no mark to find it by',
      failing(
        { client: orphaned, issuer: plain, record: registered() },
        { reason: 'IssuerUnauthorized', retry: 'slow' },
      ),
      'deleteRecord, False Deregistering',
    ],
    [
      'stays when its issuer gave no means to manage it, and says what to do',
      { record: unmanaged },
      'wait, False ManagementUnsupported',
    ],
    [
      'stays when its issuer has become static',
      { issuer: anIssuer(withSpec({ driver: { static: {} } })), record: registered() },
      'wait, False ManagementUnsupported',
    ],
    [
      'stays when its issuer was replaced',
      { issuer: replaced, record: registered() },
      'wait, False IssuerNotFound',
    ],
    [
      'stays while its issuer is gone, and says what to do',
      { issuer: undefined, record: registered() },
      'wait, False IssuerNotFound',
    ],
    [
      'stays while its issuer is away',
      failing({ client, record: registered() }),
      'wait, False IssuerUnavailable, looks again',
    ],
    [
      'is found by its mark when its token is refused',
      { record: registered(), attempt: waited },
      'reclaim, False IssuerUnauthorized',
    ],
    [
      'is found by its mark when the answer to its registration got lost',
      { record: aRecord({ phase: 'Attempting' }) },
      'reclaim, False Deregistering',
    ],
    ...[anIssuer(), plain, replaced].map((issuer): [string, Partial<ClientFacts>, string] => [
      'is not looked for where nothing was ever sent',
      { issuer, record: aRecord() },
      'deleteRecord, False Deregistering',
    ]),
    [
      'stays where it may be and cannot be found',
      { issuer: plain, record: aRecord({ phase: 'Attempting' }) },
      'wait, False RegistrationUncertain',
    ],
    [
      'stays while it is not known what its issuer can find',
      { issuer: anIssuer(withStatus({})), record: aRecord({ phase: 'Attempting' }) },
      'wait, False IssuerNotReady',
    ],
    ['stays while our record of it cannot be read', { unreadableRecord }, 'wait, False Malformed'],
    [
      'goes all the same when it is to be left behind, and that record first',
      { client: orphaned, unreadableRecord },
      'deleteRecord, False Deregistering',
    ],
    [
      'is of no concern without our finalizer',
      { client: aClient(withMetadata({ deletionTimestamp: 'x', finalizers: [] })) },
      'wait, tells nothing',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan({ client, ...facts })).toBe(expected);
  });

  it.each<[string, Partial<RegistrationRecord>, RegisteredAuthentication]>([
    ['neither rights nor a workload', {}, { method: 'Secret', secrets: [] }],
    [
      'no rights but the key that it logs in with',
      { publicKey: { kty: 'EC' } },
      { method: 'PrivateKey', publicKeys: [{ kty: 'EC' }] },
    ],
  ])('that is to be left behind is left with %s', (_, change, authentication) => {
    const { action } = planClient(
      clientFacts({ client: orphaned, record: registered(undefined, change) }),
      now,
    );
    expect(action?.kind === 'update' && action.desired).toMatchObject({
      mark: 'grantor:cluster-1:acme-prod:billing:uid-billing',
      tenantID: 'withdrawn',
      grantTypes: ['ClientCredentials'],
      redirectURIs: [],
      scopes: [],
      audiences: [],
      roles: [],
      authentication,
    });
  });
});

describe('what a client that went without us left behind', () => {
  const issuer = anIssuer();
  const orphan = (record: RegistrationRecord, of: OAuthIssuer | undefined = issuer) => ({
    record,
    issuer: of,
    since: minus(now, minutes(10)),
  });
  const elder = {
    ...registered(),
    uid: 'uid-elder',
    registration: { ...registration, clientID: 'client-0' },
  };
  const lost = aRecord({ phase: 'Attempting' });
  it.each<[string, Partial<ClientFacts>, string]>([
    [
      'is its copy of the credentials',
      { client: undefined, credentials: [copy] },
      'deleteCredentials, tells nothing',
    ],
    [
      'is its registration',
      { client: undefined, orphans: [orphan(registered())] },
      'deregister, tells nothing',
    ],
    [
      'obtains nothing more at once',
      { client: undefined, orphans: [{ ...orphan(registered()), since: now }] },
      'update, tells nothing',
    ],
    [
      'is a record that led to nothing',
      { client: undefined, orphans: [orphan(aRecord())] },
      'deleteRecord, tells nothing',
    ],
    [
      'may be a registration whose answer was lost',
      { client: undefined, orphans: [orphan(lost)] },
      'reclaim, tells nothing',
    ],
    [
      'is kept in mind where such a one cannot be found',
      { client: undefined, orphans: [orphan(lost, plain)] },
      'wait, tells nothing',
    ],
    [
      'is kept in mind while its issuer is gone',
      { client: undefined, orphans: [{ ...orphan(registered()), issuer: undefined }] },
      'wait, tells nothing',
    ],
    [
      'is not shown to the issuer that has the name of its own',
      {
        orphans: [orphan(registered(undefined, { issuerIdentifier: 'https://old.example' }))],
        record: registered(),
      },
      'wait, True Ready as client-1, looks again',
    ],
    [
      'does not stand in the way of its successor',
      { record: registered(), orphans: [orphan(elder)] },
      'deregister, True Ready as client-1, looks again',
    ],
    [
      'is nothing but a record where its successor is the same client by now',
      { record: registered(), orphans: [orphan({ ...registered(), uid: 'uid-elder' })] },
      'deleteRecord, True Ready as client-1, looks again',
    ],
    [
      'goes when its successor cannot be registered, since it may hold the ServiceAccount',
      { ...failing({ record: aRecord() }, { reason: 'IssuerRejected' }), orphans: [orphan(elder)] },
      'deregister, False IssuerRejected, looks again',
    ],
    [
      'does not make its successor look failed',
      failing({ record: registered(), orphans: [orphan(elder)] }),
      'wait, True Ready as client-1, looks again',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan(facts)).toBe(expected);
  });

  it('goes though something older is stuck', () => {
    const stuck = failing({ client: undefined, orphans: [orphan(elder)] });
    const facts = clientFacts({ ...stuck, orphans: [orphan(elder), orphan(registered())] });
    expect(planClient(facts, now).action).toMatchObject({
      kind: 'deregister',
      record: { uid: 'uid-record' },
    });
  });
});
