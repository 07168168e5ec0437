import { describe, expect, test } from 'vitest';
import { recordingTerminal } from '../../../test/fakes/recording-terminal.ts';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aSession } from '../../../test/gen/a-session.ts';
import { change } from '../../../test/gen/client-steps.ts';
import { aTenantScope, withStatus } from '../../../test/gen/objects.ts';
import type { TenantScope } from '../../api/tenant-scope.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { type RevokeFlags, revoke } from './revoke.ts';
import { suspensionStage } from './suspend-tenant.ts';

const flags: RevokeFlags = { yes: true, wait: true, timeout: minutes(1) };

const annotations = ({ kube }: Cluster) =>
  kube.find('oauthclients', { namespace: 'acme-prod', name: 'billing' })?.metadata.annotations;

async function aClusterWithToken(): Promise<Cluster> {
  const cluster = await aReadyCluster();
  await Promise.all([cluster.scope(), cluster.binding()]);
  await cluster.clock.advance(minutes(1));
  return cluster;
}

describe('revoke', () => {
  test.each(['oac/billing', 'wib/billing-api'])(
    'of %s ends the tokens of the client, and waits for it',
    async (name) => {
      const cluster = await aClusterWithToken();
      const session = aSession(cluster);
      const ended = revoke(session, flags, name);
      await cluster.clock.advance(seconds(1));
      expect(annotations(cluster)).toEqual({ 'grantor.dev/revoke': '2026-06-01T12:01:00Z' });
      change(cluster, {});
      await cluster.client();
      await cluster.clock.advance(seconds(1));
      expect(await ended).toEqual({ ok: true, value: 'fine' });
      expect(session.terminal.printed).toBe(
        'oauthclient/billing: all tokens from before 2026-06-01T12:01:01Z are revoked, and bindings get others; validators that do not ask the issuer may still accept them, for at most 10m\n',
      );
    },
  );

  test.each([
    ['y', true],
    ['YES', true],
    ['n', false],
    ['', false],
    [undefined, false],
  ])('asks whether it is meant: %s', async (answer, isMeant) => {
    const cluster = await aClusterWithToken();
    const terminal = recordingTerminal(answer === undefined ? {} : { answer });
    const outcome = await revoke(
      aSession(cluster, { terminal }),
      { ...flags, yes: false, wait: false },
      'oac/billing',
    );
    expect(outcome.ok).toBe(isMeant);
    expect(annotations(cluster) !== undefined).toBe(isMeant);
    expect(terminal.complaints[0]).toContain('All tokens that oauthclient/billing has by now end');
  });

  test('of a tenant suspends it', async () => {
    const cluster = await aClusterWithToken();
    const session = aSession(cluster);
    expect(await revoke(session, { ...flags, wait: false }, 'tscope/acme')).toEqual({
      ok: true,
      value: 'fine',
    });
    expect(session.terminal.printed).toBe('tenantscope/acme: suspension asked for\n');
    expect(cluster.kube.find('tenantscopes', { name: 'acme' })).toMatchObject({ spec: { suspend: true } });
  });

  test('of a client that is not managed is refused', async () => {
    const cluster = await aClusterWithToken();
    change(cluster, { spec: { management: 'Paused' } });
    expect(await revoke(aSession(cluster), flags, 'oac/billing')).toMatchObject({
      error: { exit: 'found', message: 'oauthclient/billing is not managed: spec.management is Paused' },
    });
  });

  test('of an issuer is not done here', async () => {
    expect(await revoke(aSession(await aReadyCluster()), flags, 'oiss/login')).toMatchObject({
      error: { exit: 'usage', message: 'tokens of a whole issuer are revoked at the issuer' },
    });
  });
});

describe('a suspension', () => {
  const time = '2026-06-01T12:00:00Z';
  const suspended = withStatus<TenantScope>({
    observedGeneration: 1,
    clients: 1,
    conditions: [
      { type: 'Ready', status: 'False', reason: 'Suspended', message: '', lastTransitionTime: time },
    ],
  });
  const withdrawn = (startedAt: string, revocation: 'Confirmed' | 'Unconfirmed' = 'Confirmed') => {
    const { status } = aTenantScope(suspended);
    const lastWithdrawal = {
      reason: 'Suspended',
      startedAt,
      clients: 1,
      bindings: 2,
      revocation,
      exposedUntil: time,
    };
    return aTenantScope(withStatus({ ...status, lastWithdrawal }));
  };

  test.each([
    ['that nobody has seen', aTenantScope(), aTenantScope(), 'waiting: asked for'],
    [
      'that was seen',
      aTenantScope(),
      aTenantScope(suspended),
      'waiting: rights and tokens are being taken away',
    ],
    [
      'after an earlier one',
      withdrawn('earlier'),
      withdrawn('earlier'),
      'waiting: rights and tokens are being taken away',
    ],
    [
      'before an issuer that is away',
      aTenantScope(),
      withdrawn(time, 'Unconfirmed'),
      'waiting: rights and tokens are taken away; the issuers have not confirmed yet that all tokens are revoked (of those in volumes, where an issuer ends them one by one, the audit trail alone tells)',
    ],
    [
      'that is over',
      withdrawn('earlier'),
      withdrawn(time),
      `done: suspended; 1 clients and 2 bindings have lost everything; validators that do not ask the issuer may accept tokens until ${time}`,
    ],
  ])('%s', (_, before, now, told) => {
    const stage = suspensionStage(before, now);
    expect(`${stage.kind}: ${stage.kind === 'failed' ? '' : stage.text}`).toBe(told);
  });
});
