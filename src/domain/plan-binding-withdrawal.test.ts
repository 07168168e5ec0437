import { describe, expect, it } from 'vitest';
import { expiresAt, failed, fresh, issuedAt, plan } from '../../test/gen/binding-plans.ts';
import { aTokenSecret, now } from '../../test/gen/facts.ts';
import {
  aBinding,
  aClient,
  aTenantScope,
  withMetadata,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import { minutes, seconds } from '../std/duration.ts';
import { type Instant, minus, plus } from '../std/instant.ts';
import type { BindingFacts } from './binding-facts.ts';

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
      'when its tenant is suspended, whatever else cannot be read',
      {
        tenancy: { kind: 'tenant', scope: aTenantScope(withSpec({ suspend: true })) },
        client: undefined,
        unreadable: 'OAuthClient: spec.scopes: Required',
      },
      'withdraw not allowed, False Suspended',
    ],
    [
      'when its tenant loses a role that its client still has',
      { client: aClient(withSpec({ roles: ['biller', 'auditor'] })) },
      'withdraw not allowed, False ClientNotAllowed',
    ],
    [
      'of an earlier binding of the same name, before ours comes',
      { secret: undefined, strays: [{ ...fresh, uid: 'uid-stray' }] },
      'withdraw recreated, False Pending',
    ],
    [
      'from under an earlier name, once the new one has it',
      { strays: [stray] },
      'withdraw delivered elsewhere, True Ready',
    ],
    [
      'from under an earlier name, when it has expired before the new one could be written',
      {
        secret: undefined,
        strays: [{ ...issuedAt(minus(now, minutes(10))), name: 'earlier' }],
        attempt: failed(),
      },
      'withdraw expired, False IssuerUnavailable',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan({ secret: fresh, ...facts })).toBe(expected);
  });
});

it.each<[string, Instant, string]>([
  ['stays for a moment, for the answer', now, 'wait, False ServiceAccountNotFound again in 1s'],
  ['goes when none came', minus(now, seconds(1)), 'withdraw not allowed, False ServiceAccountNotFound'],
  [
    'goes at once where the clock was set back since',
    plus(now, minutes(2)),
    'withdraw not allowed, False ServiceAccountNotFound',
  ],
])('a token that is being revoked %s', (_, startedAt, expected) => {
  const revocations = new Map([
    [fresh.uid, { resourceVersion: fresh.resourceVersion, startedAt, outcome: undefined }],
  ]);
  expect(plan({ secret: fresh, serviceAccountUID: undefined, revocations })).toBe(expected);
});

it('no token is asked for while the client is still registered for another tenant', () => {
  const { status } = aClient();
  const tenant = {
    name: 'globex',
    uid: 'uid-globex',
    tenantID: 'globex',
    withdrawalDelay: '10m',
    maxLifetime: '10m',
  };
  const client = aClient(withStatus({ ...status, tenant }));
  expect(plan({ client })).toBe('wait, False ClientNotReady');
});

describe('a token of a binding that rests on something unreadable', () => {
  const unreadable = 'TenantScope: spec.tokens: Required';
  const keeps = aBinding(withSpec({ rotation: { renewAtPercent: 65, onExpiry: 'Keep' } }));
  it.each<[string, Partial<BindingFacts>, string]>([
    ['goes when it ends', {}, 'withdraw expired, False Malformed'],
    ['stays even then if its binding says so', { binding: keeps }, 'wait, False Malformed'],
  ])('%s', (_, facts, expected) => {
    expect(plan({ secret: fresh, unreadable, ...facts }, expiresAt)).toBe(expected);
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
    [
      'while it is not known whether some TenantScope that cannot be read selects the namespace',
      { tenancy: { kind: 'none' }, unreadable: 'TenantScope: spec.tokens: Required' },
      'wait, False Malformed again in 600s',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan({ secret: fresh, ...facts })).toBe(expected);
  });
});
