import { describe, expect, it } from 'vitest';
import { aTokenSecret, bindingFacts, now } from '../../test/gen/facts.ts';
import {
  aBinding,
  aClient,
  aTenantScope,
  withMetadata,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import { fractionOf } from '../std/digest.ts';
import { minutes, seconds } from '../std/duration.ts';
import { type Instant, minus, plus } from '../std/instant.ts';
import type { ActionFailure, FailedAttempt } from './attempt.ts';
import type { BindingFacts, TokenSecret } from './binding-facts.ts';
import { bindingGrant } from './binding-rules.ts';
import { grantHash } from './grant.ts';
import { type BindingPlan, planBinding } from './plan-binding.ts';
import { renewalOf } from './rotation.ts';

const binding = aBinding();
const granted = bindingGrant({ ...bindingFacts(), binding });
const hash = granted.ok ? grantHash(granted.value) : '';
const spread = fractionOf(binding.metadata.uid);

const issuedAt = (at: Instant, change: Partial<NonNullable<TokenSecret['delivered']>> = {}): TokenSecret =>
  aTokenSecret({
    delivered: { issuedAt: at, expiresAt: plus(at, minutes(10)), generation: 3, grantHash: hash, ...change },
  });

/** A token of ten minutes that was issued at `now`. */
const fresh = issuedAt(now);
const { renewAt, lateAt } = renewalOf(fresh.delivered as never, binding.spec.rotation, spread);
const expiresAt = plus(now, minutes(10));

const failed = (change: Partial<ActionFailure> = {}, at: Instant = now): FailedAttempt => ({
  fingerprint: hash,
  failure: { reason: 'IssuerUnavailable', message: 'token request: no answer', retry: 'soon', ...change },
  at,
  count: 1,
});

/** What the plan says, in a line: action, Ready with its reason, and when to look again. */
function told(plan: BindingPlan, at: Instant): string {
  const { action, conditions, requeueAt } = plan;
  const what =
    action === undefined
      ? 'wait'
      : action.kind === 'issue'
        ? `issue ${action.generation}`
        : `withdraw ${action.because}`;
  const ready = conditions.find(({ type }) => type === 'Ready');
  const again = requeueAt === undefined ? '' : ` again in ${Math.round((requeueAt - at) / 1000)}s`;
  return `${what}, ${ready ? `${ready.status} ${ready.reason}` : 'tells nothing'}${again}`;
}

const plan = (facts: Partial<BindingFacts>, at: Instant = now): string =>
  told(planBinding(bindingFacts(facts), at), at);

describe('a binding', () => {
  it('gets its first token at once', () => {
    expect(planBinding(bindingFacts(), now)).toMatchInlineSnapshot(`
      {
        "action": {
          "generation": 1,
          "grant": {
            "audience": "https://api.example",
            "clientID": "client-1",
            "issuer": "https://login.example",
            "maxLifetime": 900000,
            "method": "Federated",
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
          },
          "grantHash": "XvkJQn2li6VkiCDoNyLgkjcQyLzZ0OBgRCBMEMp-Z18",
          "kind": "issue",
          "replaces": undefined,
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
      }
    `);
  });

  it.each<[string, Partial<BindingFacts>, Instant, string]>([
    ['waits for its renewal', { secret: fresh }, now, 'wait, True Ready again in 378s'],
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
      'starts over when a clock was set back ten minutes',
      { secret: issuedAt(plus(now, minutes(10))) },
      now,
      'issue 1, False Pending',
    ],
    [
      'renews at once when a clock was set forward ten minutes',
      { secret: fresh },
      plus(now, minutes(10)),
      'issue 4, False TokenExpired',
    ],
    [
      'does nothing in a namespace that is going away',
      { namespaceTerminating: true },
      now,
      'wait, tells nothing',
    ],
  ])('%s', (_, facts, at, expected) => {
    expect(plan(facts, at)).toBe(expected);
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

  it('is not called issued when there was no place to put it', () => {
    const { conditions } = planBinding(
      bindingFacts({ attempt: failed({ reason: 'SecretConflict', retry: 'wait' }) }),
      now,
    );
    expect(conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Ready=False',
      'Allowed=True',
      'Issued=Unknown',
      'Delivered=False',
    ]);
  });
});

describe('a token is taken away', () => {
  const stray = aTokenSecret({ name: 'earlier-name', uid: 'uid-stray' });
  it.each<[string, Partial<BindingFacts>, string]>([
    ['when its binding is deleted', { binding: undefined }, 'withdraw deleted, tells nothing'],
    [
      'when its binding is being deleted',
      { binding: aBinding(withMetadata({ deletionTimestamp: '2026-06-01T12:00:00Z' })) },
      'withdraw deleted, tells nothing',
    ],
    [
      'when its tenant is suspended',
      { tenancy: { kind: 'tenant', scope: aTenantScope(withSpec({ suspend: true })) } },
      'withdraw not allowed, False Suspended',
    ],
    [
      'when its namespace leaves the tenant',
      { tenancy: { kind: 'none' } },
      'withdraw not allowed, False NoTenantScope',
    ],
    [
      'when a second TenantScope claims the namespace',
      { tenancy: { kind: 'overlap', names: ['acme', 'globex'] } },
      'withdraw not allowed, False TenantScopeOverlap',
    ],
    [
      'when its ServiceAccount is gone',
      { serviceAccountUID: undefined },
      'withdraw not allowed, False ServiceAccountNotFound',
    ],
    ['when its client is gone', { client: undefined }, 'withdraw not allowed, False ClientNotFound'],
    [
      'from under an earlier name, once the new one has it',
      { strays: [stray] },
      'withdraw delivered elsewhere, True Ready',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan({ secret: fresh, ...facts })).toBe(expected);
  });
});

describe('a token stays', () => {
  it.each<[string, Partial<BindingFacts>, string]>([
    [
      'while its client is registered anew',
      { client: aClient(withMetadata({ generation: 2 })) },
      'wait, True Ready again in 480s',
    ],
    [
      'while its issuer was not discovered in its new form',
      { client: aClient(withStatus({ conditions: [] })) },
      'wait, True Ready again in 480s',
    ],
    [
      'while its TenantScope cannot be read, until it ends',
      { unreadable: 'TenantScope: spec.tokens: Required' },
      'wait, False Malformed again in 600s',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan({ secret: fresh, ...facts })).toBe(expected);
  });
});
