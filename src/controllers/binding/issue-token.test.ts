import { describe, expect, it } from 'vitest';
import { checked } from '../../../test/audit/audit-lines.ts';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { FakeIssuerDriver } from '../../../test/fakes/fake-issuer-driver.ts';
import { FakeRng } from '../../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../../test/fakes/recording-log.ts';
import { aGrant, aRecord, aTokenSecret, bindingFacts, now } from '../../../test/gen/facts.ts';
import { aBinding, aClient, withSpec } from '../../../test/gen/objects.ts';
import type { SecretManifest } from '../../delivery/secret-manifest.ts';
import { readDelivered } from '../../delivery/token-secret.ts';
import type { BindingAction } from '../../domain/binding-plan.ts';
import { desiredClient } from '../../domain/desired-client.ts';
import type { KubeFailure } from '../../kube/kube-failure.ts';
import type { IssuedToken } from '../../ports/issuer-driver.ts';
import { minutes } from '../../std/duration.ts';
import { minus, plus } from '../../std/instant.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { Secret } from '../../std/secret.ts';
import type { AuditEvent } from '../../telemetry/audit.ts';
import type { Environment } from '../environment.ts';
import { issueToken } from './issue-token.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';

const call = { signal: new AbortController().signal, correlationID: 'c', tenantID: 'acme' };
const context = {
  signal: call.signal,
  correlationID: 'c',
  log: recordingLog(),
  catchUp() {},
  mayLinger: () => true,
};
const taken: KubeFailure = { kind: 'alreadyExists', message: 'it is there' };

/** One binding with its registered client at an issuer in memory, and an API server that notes what is written. */
async function setUp({
  foreign = false,
  refuses = undefined as KubeFailure | undefined,
  lapse = undefined as string | undefined,
} = {}) {
  const clock = new FakeClock(now);
  const driver = new FakeIssuerDriver({ issuer: 'https://login.example', clock, rng: new FakeRng() });
  const registered = await driver.register(
    desiredClient(aClient(), {
      mark: 'grantor:cluster-1:acme-prod:billing:uid-billing',
      tenantID: 'acme',
      accessTokenLifetime: minutes(10),
      authentication: { method: 'PrivateKey', publicKeys: [{ kid: 'k' }] },
    }),
    call,
  );
  if (!registered.ok) throw new Error(registered.error.detail);
  const written: SecretManifest[] = [];
  const audit: AuditEvent[] = [];
  const write = async (
    _: unknown,
    manifest: SecretManifest,
  ): Promise<Result<SecretManifest, KubeFailure>> => {
    if (refuses) return err(refuses);
    written.push(manifest);
    return ok(manifest);
  };
  let assertions = true;
  const made = { assertions: 0 };
  const environment = {
    kube: {
      get: async () => (foreign ? ok({}) : err({ kind: 'notFound', message: '' })),
      create: write,
      replace: write,
    },
    world: {
      tokenSecrets: { observe: () => {} },
      registrations: {
        store: {
          byIndex: () => [{ record: aRecord({ privateKey: new Secret({ kid: 'k' }) }) }],
        },
      },
    },
    issuers: { driver: async () => ok(driver) },
    serviceAccountTokens: new ServiceAccountTokens(async () => {
      made.assertions += 1;
      if (!assertions) return err({ kind: 'forbidden', message: 'may not create serviceaccounts/token' });
      return ok({ token: new Secret('assertion'), expiresAt: plus(now, minutes(10)) });
    }, clock),
    clock,
    audit: (event: AuditEvent) => void audit.push(checked(event)),
    metrics: { count: () => {}, observe: () => {} },
  } as unknown as Environment;
  const grant = aGrant({ clientID: registered.value.clientID, method: 'PrivateKey' });
  const issue = (change: Partial<Extract<BindingAction, { kind: 'issue' }>> = {}, facts = bindingFacts()) =>
    issueToken(
      environment,
      {
        kind: 'issue',
        fingerprint: '',
        secretName: 'billing-token',
        grant,
        grantHash: 'hash',
        generation: 1,
        replaces: undefined,
        ...change,
      },
      facts,
      () => lapse,
      context,
    );
  const asked = () => driver.calls.filter(({ operation }) => operation === 'requestToken').length;
  return { driver, written, audit, grant, issue, asked, made, refuseAssertions: () => (assertions = false) };
}

/** An issuer that puts other claims into its tokens than were asked for. */
const claiming =
  (claims: IssuedToken['claims']) =>
  (token: IssuedToken): IssuedToken => ({
    ...token,
    claims: { ...token.claims, ...claims },
  });

describe('issuing a token', () => {
  it('puts it into the Secret and says so in the audit log, without showing it', async () => {
    const { driver, written, audit, issue } = await setUp();
    expect(await issue()).toEqual({ ok: true, value: undefined });
    const token = driver.issued[0]?.token.reveal() ?? '';
    expect(written).toHaveLength(1);
    expect(Buffer.from(written[0]?.data['token'] ?? '', 'base64').toString()).toBe(token);
    expect(audit).toMatchObject([
      { act: 'issue', outcome: 'success', tenantID: 'acme', scopes: ['invoices.read'] },
    ]);
    expect(JSON.stringify(audit)).not.toContain(token);
  });

  it('asks for none that would have no place to go', async () => {
    const { issue, asked, written } = await setUp({ foreign: true });
    expect(await issue()).toMatchObject({ ok: false, error: { reason: 'SecretConflict', retry: 'wait' } });
    expect([asked(), written.length]).toEqual([0, 0]);
  });

  it('asks for none without an identity', async () => {
    const { issue, asked, grant, refuseAssertions } = await setUp();
    refuseAssertions();
    expect(await issue({ grant: { ...grant, method: 'Federated' } })).toMatchObject({
      ok: false,
      error: { reason: 'TokenRequestFailed', message: 'may not create serviceaccounts/token' },
    });
    expect(asked()).toBe(0);
  });

  it.each([
    ['another', 'unauthorized', 'invalid_client', 2],
    ['another', 'rejected', 'invalid_grant', 2],
    ['another', 'rejected', 'invalid_request', 2],
    ['the same', 'rejected', 'invalid_scope', 1],
  ] as const)('shows %s ServiceAccount token after %s: %s', async (_, kind, oauthError, tokens) => {
    const { driver, issue, grant, made } = await setUp();
    driver.fail('requestToken', { kind, oauthError, detail: oauthError }, 2);
    for (let n = 0; n < 2; n += 1) await issue({ grant: { ...grant, method: 'Federated' } });
    expect(made.assertions).toBe(tokens);
  });

  it.each<[string, IssuedToken['claims'], string, number]>([
    ['is too powerful', { scope: 'invoices.read admin' }, 'TokenRefused', 1],
    ['lives too long', { exp: now / 1000 + 86_400 }, 'TokenRefused', 1],
    ['is of another tenant', { tenant_id: 'globex' }, 'TokenRefused', 1],
    ['is for another audience', { aud: 'https://other.example' }, 'TokenRefused', 1],
    ['is over', { iat: now / 1000 - 600, exp: now / 1000 - 1 }, 'ClockSkew', 0],
  ])('never delivers a token that %s', async (_, claims, reason, revocations) => {
    const { driver, written, audit, issue } = await setUp();
    driver.alterToken = claiming(claims);
    expect(await issue()).toMatchObject({ ok: false, error: { reason, retry: 'slow' } });
    expect(written).toEqual([]);
    expect(driver.revoked.size).toBe(revocations);
    expect(audit.map(({ act }) => act)).toEqual(revocations ? ['refuse', 'revoke'] : ['refuse']);
  });

  it('never delivers a token that was rightly asked for, and is granted no more when it arrives', async () => {
    const { driver, written, audit, issue } = await setUp({
      lapse: 'TenantScope acme: spec.suspend is true',
    });
    expect(await issue()).toEqual({
      ok: false,
      error: {
        reason: 'TokenRefused',
        message:
          'what was granted has changed while the token was on its way: TenantScope acme: spec.suspend is true',
        retry: 'soon',
      },
    });
    expect(written).toEqual([]);
    expect(driver.revoked.size).toBe(1);
    expect(audit.map(({ act }) => act)).toEqual(['refuse', 'revoke']);
  });

  it('refuses a token that lives too briefly for the floor of its binding', async () => {
    const { written, issue } = await setUp();
    const rotation = { renewAtPercent: 65, minRemaining: minutes(9), onExpiry: 'Remove' } as const;
    const facts = bindingFacts({ binding: aBinding(withSpec({ rotation })) });
    expect(await issue({}, facts)).toMatchObject({
      ok: false,
      error: { reason: 'RotationFloorUnreachable' },
    });
    expect(written).toEqual([]);
  });

  it.each<[string, KubeFailure, string]>([
    ['appeared meanwhile', taken, 'SecretConflict'],
    ['was made immutable', { kind: 'invalid', message: 'field is immutable' }, 'SecretConflict'],
    ['changed meanwhile', { kind: 'conflict', message: 'modified' }, 'SecretWriteFailed'],
    ['could not be stored', { kind: 'unavailable', message: 'etcd' }, 'SecretWriteFailed'],
  ])('leaves a Secret alone that %s', async (_, failure, reason) => {
    const { issue } = await setUp({ refuses: failure });
    expect(await issue({ replaces: aTokenSecret() })).toMatchObject({ ok: false, error: { reason } });
  });

  it('replaces exactly the Secret that was decided about', async () => {
    const { written, issue } = await setUp();
    await issue({ replaces: aTokenSecret(), generation: 2 });
    expect(written[0]?.metadata).toMatchObject({ uid: 'uid-secret', resourceVersion: '7' });
  });

  it('writes down since when it was due, which is what the next renewal is counted from', async () => {
    const { written, issue } = await setUp();
    await issue({ replaces: aTokenSecret(), generation: 2, dueAt: minus(now, minutes(1)) });
    expect(readDelivered(written[0]?.metadata ?? { name: '' })).toMatchObject({
      issuedAt: now,
      dueAt: minus(now, minutes(1)),
    });
  });

  it('tells why the issuer gave none', async () => {
    const { driver, audit, issue } = await setUp();
    driver.fail('requestToken', { kind: 'throttled', detail: 'slow down', retryAfter: minutes(1) });
    expect(await issue()).toEqual({
      ok: false,
      error: { reason: 'IssuerThrottled', message: 'slow down', retry: 'soon', retryAfter: minutes(1) },
    });
    expect(audit).toMatchObject([{ act: 'issue', outcome: 'failure', reason: 'IssuerThrottled' }]);
  });
});

describe('a token that nobody can look into', () => {
  const opaque = (token: IssuedToken): IssuedToken => ({ ...token, claims: {}, unverified: true });

  it('is delivered where the TenantScope allows that, as far as the answer says enough', async () => {
    const { driver, written, grant, issue } = await setUp();
    driver.alterToken = opaque;
    const allowing = { ...grant, verification: 'AllowUnverified', requiredClaims: {} } as const;
    expect(await issue({ grant: allowing })).toMatchObject({ ok: true });
    expect(written).toHaveLength(1);
  });

  it('is not delivered otherwise, nor revoked: it is not known to be too powerful', async () => {
    const { driver, written, issue } = await setUp();
    driver.alterToken = opaque;
    expect(await issue()).toMatchObject({ ok: false, error: { reason: 'TokenUnverifiable', retry: 'slow' } });
    expect([written.length, driver.revoked.size]).toEqual([0, 0]);
  });
});
