import { describe, expect, it } from 'vitest';
import { copy, existing, failing, plain, plan, registered } from '../../test/gen/client-plans.ts';
import { aRecord, clientFacts, now } from '../../test/gen/facts.ts';
import { aClient, anIssuer, aTenantScope, without, withSpec, withStatus } from '../../test/gen/objects.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { minutes, seconds } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import type { ClientFacts } from './client-facts.ts';
import { planClient } from './plan-client.ts';
import type { RegistrationRecord } from './registration-record.ts';
import { withdrawnRegistration } from './wanted-registration.ts';

const suspended = { kind: 'tenant', scope: aTenantScope(withSpec({ suspend: true })) } as const;

describe('a client that is refused', () => {
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
    [
      'is found and left so when the answer to its registration got lost',
      { tenancy: suspended, record: aRecord({ phase: 'Attempting' }) },
      'reclaim, False Suspended',
    ],
    [
      'is not registered on the way to that',
      { tenancy: suspended, record: aRecord() },
      'wait, False Suspended',
    ],
    [
      'is not registered a second time on the way to that',
      { tenancy: suspended, issuer: plain, record: aRecord({ phase: 'Attempting' }) },
      'wait, False Suspended',
    ],
  ])('%s', (_, facts, expected) => {
    expect(plan(facts)).toBe(expected);
  });

  it.each<[string, RegistrationRecord, OAuthIssuer]>([
    ['RegistrationUncertain', aRecord({ phase: 'Attempting' }), plain],
    ['ManagementUnsupported', registered(undefined, { registration: { clientID: 'client-1' } }), anIssuer()],
  ])('that may keep its rights is not told to have none: %s', (reason, record, issuer) => {
    const { conditions } = planClient(clientFacts({ tenancy: suspended, record, issuer }), now);
    expect(conditions.find(({ type }) => type === 'Registered')).toMatchObject({ status: 'False', reason });
  });

  it.each<[string, Partial<ClientFacts>]>([
    ['IssuerNotFound', { issuer: undefined }],
    ['IssuerNotReady', { issuer: anIssuer(withStatus({})) }],
    ['IssuerReplaced', { record: registered(undefined, { issuerIdentifier: 'https://before.example' }) }],
    [
      'Malformed',
      { record: undefined, unreadableRecord: { ...aRecord(), problem: 'Secret x has an unknown phase' } },
    ],
  ])('that nobody could take its rights from yet is not told to have none: %s', (reason, facts) => {
    const { conditions } = planClient(
      clientFacts({ tenancy: suspended, record: registered(), ...facts }),
      now,
    );
    expect(conditions.find(({ type }) => type === 'Registered')).toMatchObject({ status: 'False', reason });
  });

  it('gives up the ServiceAccount that an older client has a right to', () => {
    const facts = clientFacts({ serviceAccountHolder: 'elder', record: registered() });
    const { action } = planClient(facts, now);
    expect(action?.kind === 'update' && action.desired.authentication).toEqual({
      method: 'Secret',
      secrets: [],
    });
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

  it('keeps its id and has no scope, audience, role or redirect URI, whoever its tenant was', () => {
    const redirectURIs = ['https://app.acme.example/'];
    const client = aClient(withSpec({ grantTypes: ['AuthorizationCode'], redirectURIs }));
    const facts = clientFacts({ client, tenancy: { kind: 'none' }, record: registered() });
    const { action } = planClient(facts, now);
    expect(action?.kind === 'update' && action.desired).toMatchObject({
      mark: 'grantor:cluster-1:acme-prod:billing:uid-billing',
      tenantID: 'withdrawn',
      grantTypes: ['ClientCredentials'],
      redirectURIs: [],
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
    const revoked = { ...withdrawn, tokensRevoked: true } as const;
    expect(plan({ ...facts, record: revoked, credentials: [copy] })).toBe(
      'deleteCredentials, False NoTenantScope as client-1',
    );
    expect(plan({ ...facts, record: revoked })).toBe('wait, False NoTenantScope as client-1, looks again');
  });

  it('has its tokens revoked when it stands so, and waits for nothing then', () => {
    const record = registered();
    const facts = clientFacts({ tenancy: suspended, record });
    const withdrawn = { ...record, registeredHash: withdrawnRegistration(existing(facts), record).hash };
    const rest = { tenancy: suspended, record: withdrawn, credentials: [copy] };
    expect(plan(rest)).toBe('revokeTokens, False Suspended as client-1');
    expect(plan(failing(rest))).toBe('deleteCredentials, False Suspended as client-1');
    expect(plan({ ...rest, issuer: anIssuer(without('RevokeAll')) })).toBe(
      'deleteCredentials, False Suspended as client-1',
    );
  });

  it('is waited for no longer than a second at first, and then for as long as it takes', () => {
    const facts = { tenancy: suspended, record: registered() };
    const { action } = planClient(clientFacts(facts), now);
    expect(action).toMatchObject({ kind: 'update', within: seconds(1) });
    const { attempt } = failing(facts);
    const later = planClient(clientFacts({ ...facts, attempt }), plus(now, minutes(5)));
    expect(later.action).toMatchObject({ kind: 'update' });
    expect(later.action).not.toHaveProperty('within');
  });

  it('is told to be one that nobody can disable where its issuer holds nobody to a ceiling', () => {
    const issuer = anIssuer(
      without('EnforceCeiling', 'RevokeAll'),
      withSpec({ unenforcedCeiling: 'Accept' }),
    );
    const facts = clientFacts({ tenancy: suspended, issuer, record: registered() });
    const told = (record: RegistrationRecord) =>
      planClient({ ...facts, record }, now).conditions.find(({ type }) => type === 'Registered')?.reason;
    const withdrawn = {
      ...registered(),
      registeredHash: withdrawnRegistration(existing(facts), registered()).hash,
    };
    expect([told(registered()), told(withdrawn)]).toEqual(['Suspended', 'DisableUnsupported']);
  });
});

it('suspension does not wait behind the failure of an ordinary update', () => {
  const outdated = { ...registered(), registeredHash: 'other' };
  const { attempt } = failing({ record: outdated }, { reason: 'IssuerRejected', retry: 'slow' });
  expect(plan({ record: outdated, attempt })).toBe('wait, False IssuerRejected as client-1, looks again');
  expect(plan({ record: outdated, attempt, tenancy: suspended })).toBe('update, False Suspended as client-1');
});

describe('a client of a static issuer', () => {
  const issuer = anIssuer(
    withSpec({ driver: { static: {} } }),
    without('EnforceCeiling', 'RevokeAll', 'Register'),
  );
  const tenant = { name: 'acme', uid: 'u', tenantID: 'acme', withdrawalDelay: '10m', maxLifetime: '10m' };
  const adopted = (status: ReturnType<typeof aClient>['status']) =>
    clientFacts({
      client: aClient(withSpec({ clientID: 'by-hand' }), withStatus(status ?? {})),
      issuer,
      tenancy: suspended,
    });

  it('that was allowed once goes on at the issuer: a person is told what to do there, and nothing else happens', () => {
    const { action, conditions, withdrawal } = planClient(adopted({ tenant }), now);
    expect(action).toBeUndefined();
    expect(conditions.find(({ type }) => type === 'Registered')).toMatchObject({
      reason: 'DisableUnsupported',
    });
    expect(withdrawal).toMatchObject({ reason: 'Suspended', revocation: 'Unconfirmed' });
  });

  it('that never was allowed is told nothing of the issuer', () => {
    const { conditions, withdrawal } = planClient(adopted({}), now);
    expect(conditions.find(({ type }) => type === 'Registered')).toMatchObject({ reason: 'Suspended' });
    expect(withdrawal).toBeUndefined();
  });
});
