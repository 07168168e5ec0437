import { describe, expect, it } from 'vitest';
import { aReadyCluster, audienceList, type Cluster } from '../../../test/gen/a-cluster.ts';
import { anIssuer, aTenantScope, withMetadata, withSpec, withStatus } from '../../../test/gen/objects.ts';
import type { OAuthIssuer } from '../../api/oauth-issuer.ts';
import type { TenantScope } from '../../api/tenant-scope.ts';
import type { WithdrawalStatus } from '../../api/withdrawal-field.ts';
import { type Capability, capabilities } from '../../domain/capability.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { err } from '../../std/result.ts';

type Told = KubeObject & { status?: { grant?: object; withdrawal?: WithdrawalStatus } };

const binding = { namespace: 'acme-prod', name: 'billing-api' };
const status = ({ kube }: Cluster): NonNullable<Told['status']> =>
  kube.find<Told>('workloadidentitybindings', binding)?.status ?? {};
const token = (cluster: Cluster): string | undefined => cluster.secret('billing-token')?.['token'];
const secretWrites = ({ kube }: Cluster): string[] =>
  kube.writes.filter((write) => write.includes('secrets'));
const active = ({ driver }: Cluster): number => driver.issued.filter((one) => driver.isActive(one)).length;

const suspended = aTenantScope(withSpec<TenantScope>({ suspend: true }));
const without = (...lacking: Capability[]): OAuthIssuer =>
  anIssuer(
    withStatus<OAuthIssuer>({
      observedGeneration: 1,
      capabilities: capabilities.filter((one) => !lacking.includes(one)),
    }),
  );

/** With a token that was delivered, at an issuer that revokes tokens one by one. */
async function delivered(issuer = without('RevokeAll')): Promise<Cluster> {
  const cluster = await aReadyCluster(issuer);
  await cluster.binding();
  expect(token(cluster)).toBeDefined();
  return cluster;
}

/** Looks at the binding, and again when the issuer has answered. */
async function withdrawn(cluster: Cluster): Promise<void> {
  await cluster.binding();
  await cluster.clock.advance(seconds(0));
  await cluster.binding();
}

/** Deletes the TenantScope, and lets the caches see it. */
function deleteScope({ kube, world }: Cluster): void {
  kube.remove('tenantscopes', { name: 'acme' });
  world.scopes.store.forget('acme', 'uid-acme');
}

describe('the token of a tenant that is suspended', () => {
  it('is revoked, then taken away, and the status tells both', async () => {
    const cluster = await delivered();
    cluster.put(suspended);
    await withdrawn(cluster);
    expect([token(cluster), active(cluster)]).toEqual([undefined, 0]);
    expect(status(cluster)).toMatchObject({
      withdrawal: {
        reason: 'Suspended',
        startedAt: '2026-06-01T12:00:00Z',
        effectiveAt: '2026-06-01T12:00:00Z',
        revocation: 'Confirmed',
        exposedUntil: '2026-06-01T12:10:00Z',
      },
    });
    expect(status(cluster).grant).toBeUndefined();
  });

  it('is taken away after a second where the issuer does not answer, and confirmed when it does', async () => {
    const cluster = await delivered();
    cluster.driver.fail('revoke', { kind: 'unavailable', detail: 'no answer' }, Infinity);
    cluster.put(suspended);
    await cluster.binding();
    expect(token(cluster)).toBeDefined();
    await cluster.clock.advance(seconds(1));
    await cluster.binding();
    expect([token(cluster), status(cluster).withdrawal?.revocation]).toEqual([undefined, 'Unconfirmed']);
    cluster.driver.recover();
    await cluster.clock.advance(seconds(30));
    await cluster.binding();
    expect([active(cluster), status(cluster).withdrawal?.revocation]).toEqual([0, 'Confirmed']);
  });

  it('is revoked by whoever comes next where the controller ends before the issuer has answered', async () => {
    const cluster = await delivered();
    cluster.driver.fail('revoke', { kind: 'unavailable', detail: 'no answer' }, Infinity);
    cluster.put(suspended);
    await cluster.binding();
    expect(token(cluster)).toBeDefined();
    cluster.driver.recover();
    cluster.restart();
    await withdrawn(cluster);
    expect([token(cluster), active(cluster)]).toEqual([undefined, 0]);
    expect(status(cluster).withdrawal?.revocation).toBe('Confirmed');
    expect(status(cluster).grant).toBeUndefined();
  });

  it('is revoked with another assertion where the issuer does not take the one that was shared', async () => {
    const cluster = await delivered();
    cluster.driver.fail('revoke', { kind: 'unauthorized', detail: 'invalid_client' });
    cluster.put(suspended);
    const before = cluster.kube.tokenAudiences.length;
    await cluster.binding();
    await cluster.clock.advance(seconds(3));
    await cluster.binding();
    expect([active(cluster), status(cluster).withdrawal?.revocation]).toEqual([0, 'Confirmed']);
    expect(cluster.kube.tokenAudiences.length).toBe(before + 1);
  });

  it('is taken away although its successor is just being waited for at an issuer that hangs', async () => {
    const cluster = await delivered(without('RevokeAll', 'Revoke'));
    await cluster.clock.advance(minutes(8));
    cluster.driver.requestToken = (_, { signal }) =>
      new Promise((resolve) => {
        const detail = 'the call was stopped';
        signal.addEventListener('abort', () => resolve(err({ kind: 'unavailable', detail })));
      });
    const renewal = cluster.binding();
    await cluster.clock.advance(seconds(0));
    cluster.put(suspended);
    await cluster.clock.advance(seconds(1));
    await renewal;
    expect(token(cluster)).toBeUndefined();
    expect(status(cluster).withdrawal?.reason).toBe('Suspended');
  });

  it('is taken away at once where tokens cannot be revoked, and lives on outside until it ends', async () => {
    const cluster = await delivered(without('RevokeAll', 'Revoke'));
    cluster.put(suspended);
    await cluster.binding();
    expect([token(cluster), active(cluster)]).toEqual([undefined, 1]);
    expect(status(cluster).withdrawal).toMatchObject({
      revocation: 'Unconfirmed',
      exposedUntil: '2026-06-01T12:10:00Z',
    });
  });

  it('is left to its client where the issuer ends all tokens of a client at once', async () => {
    const cluster = await delivered(without());
    cluster.put(suspended);
    await cluster.binding();
    expect(token(cluster)).toBeUndefined();
    expect(cluster.driver.calls.map(({ operation }) => operation)).not.toContain('revoke');
  });

  it('is taken away wherever the controller is killed', async () => {
    for (let calls = 0; ; calls++) {
      const cluster = await delivered();
      cluster.put(suspended);
      const killed = await cluster.killedAfter(calls, () => cluster.binding());
      cluster.restart();
      await cluster.binding();
      await cluster.clock.advance(seconds(1));
      await cluster.binding();
      expect(token(cluster), `killed after ${calls}`).toBeUndefined();
      expect(status(cluster).withdrawal, `killed after ${calls}`).toMatchObject({ reason: 'Suspended' });
      if (!killed) return;
    }
  });

  it('comes back as what it was when the tenant may go on', async () => {
    const cluster = await delivered();
    cluster.put(suspended);
    await cluster.binding();
    cluster.put(aTenantScope());
    await cluster.binding();
    expect(token(cluster)).toBeDefined();
    expect(status(cluster).withdrawal).toBeUndefined();
  });

  it('is replaced when that is lifted while it is being revoked: what the issuer ends is not served', async () => {
    const cluster = await delivered();
    const before = token(cluster);
    cluster.put(suspended);
    await cluster.binding();
    expect(token(cluster)).toBe(before);
    cluster.put(aTenantScope());
    await cluster.binding();
    await cluster.clock.advance(seconds(1));
    await cluster.binding();
    expect(token(cluster)).not.toBe(before);
    expect([cluster.driver.issued.length, active(cluster)]).toEqual([2, 1]);
  });
});

it('what was confirmed of an earlier token says nothing of one that was never revoked', async () => {
  const cluster = await delivered();
  cluster.put(suspended);
  await withdrawn(cluster);
  expect(status(cluster).withdrawal?.revocation).toBe('Confirmed');
  await cluster.clock.advance(seconds(5));
  cluster.put(aTenantScope());
  await cluster.binding();
  // Somebody deletes the Secret: nobody here has the token any more.
  const secret = cluster.kube.find('secrets', { namespace: 'acme-prod', name: 'billing-token' });
  cluster.kube.remove('secrets', { namespace: 'acme-prod', name: 'billing-token' });
  cluster.world.tokenSecrets.store.forget('acme-prod/billing-token', secret?.metadata.uid ?? '');
  cluster.put(suspended);
  await withdrawn(cluster);
  expect([active(cluster), status(cluster).withdrawal?.revocation]).toEqual([1, 'Unconfirmed']);
});

describe('regression 28: a TenantScope that is deleted by mistake', () => {
  it('and created again in time takes nothing away: no Secret is written, and the issuer hears nothing', async () => {
    const cluster = await delivered();
    const [before, calls] = [secretWrites(cluster).length, cluster.driver.calls.length];
    const was = status(cluster).grant;
    deleteScope(cluster);
    await cluster.binding();
    expect(status(cluster)).toMatchObject({
      grant: was,
      withdrawal: { reason: 'NoTenantScope', effectiveAt: '2026-06-01T12:10:00Z' },
    });
    expect(cluster.condition('workloadidentitybindings', 'billing-api')).toContain(
      'what was granted before stays until 2026-06-01T12:10:00Z',
    );
    await cluster.clock.advance(seconds(90));
    cluster.put(aTenantScope(withMetadata({ uid: 'uid-again' })));
    await cluster.binding();
    expect(status(cluster).withdrawal).toBeUndefined();
    expect(cluster.condition('workloadidentitybindings', 'billing-api')).toContain('True Ready');
    expect([secretWrites(cluster).length, cluster.driver.calls.length]).toEqual([before, calls]);
  });

  it('has its tokens renewed while it counts down, and loses them at the end', async () => {
    const cluster = await delivered();
    deleteScope(cluster);
    await cluster.binding();
    const first = token(cluster);
    await cluster.clock.advance(minutes(8));
    await cluster.binding();
    expect(token(cluster)).not.toBe(first);
    await cluster.clock.advance(minutes(2));
    await withdrawn(cluster);
    expect(token(cluster)).toBeUndefined();
    expect(status(cluster)).toMatchObject({ withdrawal: { startedAt: '2026-06-01T12:00:00Z' } });
    expect(status(cluster).grant).toBeUndefined();
  });

  it('loses them at the end though the renewal has not had its turn at an issuer that hangs', async () => {
    const cluster = await delivered();
    deleteScope(cluster);
    await cluster.binding();
    await cluster.clock.advance(minutes(8));
    const waiting = await cluster.binding('acme-prod/billing-api', { mayLinger: () => false });
    expect(waiting).toEqual({ kind: 'again', after: minutes(2) });
    await cluster.clock.advance(minutes(2));
    await withdrawn(cluster);
    expect(token(cluster)).toBeUndefined();
  });

  it('has no token renewed for an audience that was taken off the list meanwhile', async () => {
    const cluster = await delivered();
    deleteScope(cluster);
    await cluster.binding();
    cluster.put(audienceList('https://other.example'));
    await cluster.clock.advance(minutes(8));
    await cluster.binding();
    expect(cluster.driver.issued.length).toBe(1);
  });

  it('gives nothing to who had nothing', async () => {
    const cluster = await aReadyCluster();
    deleteScope(cluster);
    await cluster.binding();
    expect([token(cluster), status(cluster).withdrawal]).toEqual([undefined, undefined]);
  });

  it('gives nothing new for a binding that asks for something else meanwhile', async () => {
    const cluster = await delivered();
    deleteScope(cluster);
    await cluster.binding();
    const stored = cluster.kube.find<KubeObject & { spec: object }>('workloadidentitybindings', binding);
    const wider = { scopes: ['invoices.read', 'invoices.write'], audience: 'https://api.example' };
    const { metadata, spec } = stored ?? expect.unreachable();
    cluster.put({
      ...stored,
      metadata: { ...metadata, generation: 2 },
      spec: { ...spec, token: wider },
    } as KubeObject);
    await cluster.clock.advance(minutes(8));
    const asked = cluster.driver.issued.length;
    await cluster.binding();
    expect(cluster.driver.issued.length).toBe(asked);
  });

  it('is no reason to renew a token if nobody could write down since when', async () => {
    const cluster = await delivered();
    deleteScope(cluster);
    cluster.kube.fail('applyStatus', 'forbidden');
    await cluster.clock.advance(minutes(8));
    await cluster.binding();
    expect(cluster.driver.issued.length).toBe(1);
    await cluster.clock.advance(minutes(2));
    await cluster.binding();
    expect(token(cluster)).toBeUndefined();
  });
});

describe('the token of a namespace that moves to another tenant', () => {
  it('is taken away before one of the new tenant is asked for', async () => {
    const cluster = await delivered();
    deleteScope(cluster);
    const { tokens } = aTenantScope().spec;
    const globex = { tenantID: 'globex', tokens: { ...tokens, requiredClaims: { tenant_id: 'globex' } } };
    cluster.put(aTenantScope(withMetadata({ uid: 'uid-globex' }), withSpec<TenantScope>(globex)));
    await withdrawn(cluster);
    expect(secretWrites(cluster).slice(1, 2)).toEqual(['delete secrets acme-prod/billing-token']);
    expect([token(cluster), active(cluster)]).toEqual([undefined, 0]);
  });
});
