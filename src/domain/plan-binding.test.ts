import { describe, expect, it } from 'vitest';
import { expiresAt, failed, fresh, issuedAt, lateAt, plan, renewAt } from '../../test/gen/binding-plans.ts';
import { aTokenSecret, bindingFacts, now } from '../../test/gen/facts.ts';
import { aBinding, aClient, anIssuer, aTenantScope, withMetadata, withSpec } from '../../test/gen/objects.ts';
import { milliseconds, minutes, seconds } from '../std/duration.ts';
import { type Instant, minus, plus } from '../std/instant.ts';
import type { ActionFailure } from './attempt.ts';
import type { BindingFacts } from './binding-facts.ts';
import { planBinding } from './plan-binding.ts';

const byKey = aClient(
  withSpec({ authentication: { privateKey: { algorithm: 'ES256', secretRef: { name: 'key' } } } }),
);
const tenancy = {
  kind: 'tenant',
  scope: aTenantScope(
    withSpec({ clients: { ...aTenantScope().spec.clients, authentication: ['PrivateKey'] } }),
  ),
} as const;

describe('a binding', () => {
  it('gets its first token at once', () => {
    expect(planBinding(bindingFacts(), now)).toMatchInlineSnapshot(`
      {
        "action": {
          "dueAt": undefined,
          "fingerprint": "FQxF4zmoGOABxSN_i5RAxYR0IF04bCvP9wBHrO5GFtI/1/late",
          "generation": 1,
          "grant": {
            "audience": "https://api.example",
            "claimPaths": {},
            "clientID": "client-1",
            "issuer": "https://login.example",
            "maxLifetime": 600000,
            "method": "Federated",
            "proofOfPossession": "None",
            "requiredClaims": {
              "tenant_id": "acme",
            },
            "roles": [
              "biller",
            ],
            "scopes": [
              "invoices.read",
            ],
            "serviceAccount": {
              "name": "billing",
              "namespace": "acme-prod",
              "uid": "uid-sa",
            },
            "tenantID": "acme",
            "toleratedAudiences": [],
            "verification": "Required",
          },
          "grantHash": "FQxF4zmoGOABxSN_i5RAxYR0IF04bCvP9wBHrO5GFtI",
          "kind": "issue",
          "replaces": undefined,
          "secretName": "billing-token",
        },
        "conditions": [
          {
            "message": "a token is being requested",
            "reason": "Pending",
            "status": "False",
            "type": "Ready",
          },
          {
            "message": "",
            "reason": "Allowed",
            "status": "True",
            "type": "Allowed",
          },
          {
            "message": "a token is being requested",
            "reason": "Pending",
            "status": "Unknown",
            "type": "Issued",
          },
          {
            "message": "there is no token to deliver",
            "reason": "Pending",
            "status": "Unknown",
            "type": "Delivered",
          },
        ],
        "grant": {
          "audience": "https://api.example",
          "authentication": "Federated",
          "clientID": "client-1",
          "deliveries": [
            "Volume",
            "Secret",
          ],
          "derivedFrom": {
            "client": {
              "generation": 1,
              "name": "billing",
              "uid": "uid-billing",
            },
            "issuer": {
              "generation": 1,
              "name": "login",
              "uid": "uid-login",
            },
            "tenantScope": {
              "generation": 1,
              "name": "acme",
              "uid": "uid-acme",
            },
          },
          "issuer": "https://login.example",
          "maxLifetime": "10m",
          "proofOfPossession": "None",
          "requiredClaims": {
            "tenant_id": "acme",
          },
          "roles": [
            "biller",
          ],
          "scopes": [
            "invoices.read",
          ],
          "serviceAccount": {
            "name": "billing",
            "uid": "uid-sa",
          },
          "tenantID": "acme",
          "verification": "Required",
          "withdrawalDelay": "10m",
        },
      }
    `);
  });

  it.each<[string, Partial<BindingFacts>, Instant, string]>([
    ['waits for its renewal', { secret: fresh }, now, 'wait, True Ready again in 389s'],
    ['is renewed when that is due', { secret: fresh }, renewAt, 'issue 4, True Ready'],
    [
      'gets another token when its grant changed',
      { secret: issuedAt(now, { grantHash: 'other' }) },
      now,
      'issue 1, True Ready',
    ],
    [
      'gets a new token when nothing can be read off its Secret',
      { secret: aTokenSecret() },
      now,
      'issue 1, False Pending',
    ],
    [
      'does not believe a Secret that lies about its end',
      { secret: issuedAt(minus(now, minutes(20)), { expiresAt: plus(now, minutes(9999)) }) },
      now,
      'issue 4, False TokenExpired',
    ],
    [
      'renews at once when a clock was set back ten minutes',
      { secret: issuedAt(plus(now, minutes(10))) },
      now,
      'issue 4, True Ready',
    ],
    [
      'keeps the token when a clock was set back and the issuer is away',
      { secret: issuedAt(plus(now, minutes(10))), attempt: failed() },
      now,
      expect.stringMatching(/^wait, False IssuerUnavailable/),
    ],
    [
      'renews at once when a clock was set forward ten minutes',
      { secret: fresh },
      plus(now, minutes(10)),
      'issue 4, False TokenExpired',
    ],
    [
      'asks for no ServiceAccount token of an audience that is not installed',
      { audienceInstalled: false },
      now,
      'wait, False AudienceNotInstalled',
    ],
    [
      'whose audience was taken off the list keeps the token that it has',
      { secret: fresh, audienceInstalled: false },
      now,
      'wait, True Ready again in 480s',
    ],
    [
      'whose client logs in with a key needs no audience',
      { client: byKey, tenancy, audienceInstalled: false },
      now,
      'issue 1, False Pending',
    ],
    [
      'rule 5: loses what another hand has changed, though its renewal is not due',
      { secret: { ...fresh, tampered: true } },
      now,
      'discard, True Ready',
    ],
    [
      'rule 5: loses what another hand has changed under an earlier name',
      { strays: [{ ...fresh, name: 'earlier-name', tampered: true }] },
      now,
      'discard, False Pending',
    ],
    [
      'rule 5: says so, and waits a moment before the next token',
      { attempt: failed({ reason: 'SecretTampered' }) },
      now,
      'wait, False SecretTampered again in 1s',
    ],
    [
      'does nothing in a namespace that is going away',
      { namespaceTerminating: true },
      now,
      'wait, tells nothing',
    ],
  ])('%s', (_, facts, at, expected) => {
    expect(plan(facts, at)).toEqual(expected);
  });
});

describe('a renewal that comes late', () => {
  const dueAt = (facts: Partial<BindingFacts>, at: Instant) => {
    const { action } = planBinding(bindingFacts(facts), at);
    return action?.kind === 'issue' ? action.dueAt : 'nothing is issued';
  };

  it('remembers since when it was due', () => {
    expect(dueAt({ secret: fresh }, plus(renewAt, seconds(40)))).toBe(renewAt);
  });

  it('has no such past when its series is new, or its clock makes no sense', () => {
    expect(
      dueAt({ secret: issuedAt(now, { grantHash: 'other' }) }, plus(renewAt, seconds(40))),
    ).toBeUndefined();
    expect(dueAt({ secret: issuedAt(plus(now, minutes(10))) }, now)).toBeUndefined();
  });
});

describe('a renewal that fails', () => {
  it.each<[string, Partial<BindingFacts>, Instant, string]>([
    [
      'is only tried again while it has time',
      { attempt: failed({}, renewAt) },
      renewAt,
      'wait, True Ready again in 1s',
    ],
    [
      'is tried again when its back-off is over',
      { attempt: failed({}, renewAt) },
      plus(renewAt, seconds(1)),
      'issue 4, True Ready',
    ],
    [
      'is told from the floor on',
      { attempt: failed({}, lateAt) },
      lateAt,
      'wait, False IssuerUnavailable again in 1s',
    ],
    [
      'keeps the token until it ends',
      { attempt: failed({}, minus(expiresAt, seconds(1))) },
      minus(expiresAt, seconds(1)),
      'wait, False IssuerUnavailable again in 1s',
    ],
    [
      'loses the token then',
      { attempt: failed({}, expiresAt) },
      expiresAt,
      'withdraw expired, False IssuerUnavailable',
    ],
    [
      'is tried at once when its token ends, however long it has been waiting',
      { attempt: { ...failed({}, minus(expiresAt, seconds(2))), count: 9 } },
      expiresAt,
      'issue 4, False IssuerUnavailable',
    ],
    [
      'waits then as after the first failure, with its token removed too',
      { attempt: { ...failed({}, minus(expiresAt, milliseconds(1))), count: 9 }, secret: undefined },
      expiresAt,
      'wait, False IssuerUnavailable again in 1s',
    ],
    [
      'waits even then as long as the issuer asked',
      {
        attempt: failed(
          { reason: 'IssuerThrottled', retryAfter: seconds(60) },
          minus(expiresAt, seconds(10)),
        ),
      },
      expiresAt,
      'withdraw expired, False IssuerThrottled',
    ],
    [
      'keeps even an expired token if the binding says so',
      {
        binding: aBinding(withSpec({ rotation: { renewAtPercent: 65, onExpiry: 'Keep' } })),
        attempt: failed({}, expiresAt),
      },
      expiresAt,
      'wait, False IssuerUnavailable again in 1s',
    ],
    [
      'waits as long as the issuer asked, and a little more',
      { attempt: failed({ reason: 'IssuerThrottled', retryAfter: seconds(60) }, lateAt) },
      lateAt,
      'wait, False IssuerThrottled again in 62s',
    ],
    [
      'is not held back by a failure for another grant',
      { attempt: { ...failed({}, renewAt), fingerprint: 'other' } },
      renewAt,
      'issue 4, True Ready',
    ],
  ])('%s', (_, facts, at, expected) => {
    expect(plan({ secret: fresh, ...facts }, at)).toBe(expected);
  });
});

describe('a first token that fails', () => {
  it.each<[string, Partial<ActionFailure>, string]>([
    ['is told at once', {}, 'wait, False IssuerUnavailable again in 1s'],
    [
      'is asked for slowly when it was refused',
      { reason: 'IssuerRejected', retry: 'slow' },
      'wait, False IssuerRejected again in 14s',
    ],
    [
      'waits for a person when its Secret is taken',
      { reason: 'SecretConflict', retry: 'wait' },
      'wait, False SecretConflict again in 111s',
    ],
  ])('%s', (_, failure, expected) => {
    expect(plan({ attempt: failed(failure) })).toBe(expected);
  });

  it('is told at once too when a token of an earlier grant is there: that is not what the spec asks for', () => {
    const secret = issuedAt(now, { grantHash: 'other' });
    expect(plan({ secret, attempt: failed() })).toBe('wait, False IssuerUnavailable again in 1s');
  });

  it('does not cost the token that lies under an earlier name', () => {
    const stray = { ...fresh, name: 'earlier-name', uid: 'uid-stray' };
    expect(plan({ strays: [stray], attempt: failed() })).toBe('wait, False IssuerUnavailable again in 1s');
  });

  it('is not asked for before its issuer was discovered as it is now', () => {
    const issuer = anIssuer(withMetadata({ generation: 2 }));
    expect(plan({ issuer })).toBe('wait, False IssuerNotReady');
  });

  it.each(['SecretConflict', 'SecretWriteFailed', 'SecretTampered'] as const)(
    'is not called issued when it met a %s',
    (reason) => {
      const { conditions } = planBinding(bindingFacts({ attempt: failed({ reason, retry: 'wait' }) }), now);
      expect(conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
        'Ready=False',
        'Allowed=True',
        'Issued=Unknown',
        'Delivered=False',
      ]);
    },
  );
});
