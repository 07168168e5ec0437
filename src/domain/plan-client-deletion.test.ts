import { describe, expect, it } from 'vitest';
import { copy, failing, plain, plan, registered } from '../../test/gen/client-plans.ts';
import { aRecord, now } from '../../test/gen/facts.ts';
import { aClient, anIssuer, withMetadata, withSpec, withStatus } from '../../test/gen/objects.ts';
import { minutes } from '../std/duration.ts';
import { minus } from '../std/instant.ts';
import type { ClientFacts } from './client-facts.ts';

describe('a client that is being deleted', () => {
  const client = aClient(withMetadata({ deletionTimestamp: '2026-06-01T12:00:00Z' }));
  const orphaned = aClient(
    withMetadata({ deletionTimestamp: '2026-06-01T12:00:00Z' }),
    withSpec({ deletionPolicy: 'Orphan' }),
  );
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
      'stays while it is not known what its issuer can find',
      { issuer: anIssuer(withStatus({})), record: aRecord() },
      'wait, False IssuerNotReady',
    ],
    [
      'stays while our record of it cannot be read',
      { unreadableRecord: 'Secret client-uid-billing has an unknown phase' },
      'wait, False Malformed',
    ],
    [
      'goes all the same when it is to be left behind',
      { client: orphaned, unreadableRecord: 'Secret client-uid-billing has an unknown phase' },
      'removeFinalizer, False Deregistering',
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
      'goes when its successor cannot be registered, since it may hold the ServiceAccount',
      { ...failing({ record: aRecord() }, { reason: 'IssuerRejected' }), orphan: registered() },
      'deregister, False IssuerRejected, looks again',
    ],
    [
      'does not make its successor look failed',
      failing({ record: registered(), orphan: registered() }),
      'wait, True Ready as client-1, looks again',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan(facts)).toBe(expected);
  });
});
