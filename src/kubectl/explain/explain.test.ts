import { describe, expect, test } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aSession } from '../../../test/gen/a-session.ts';
import {
  aBinding,
  aClient,
  aTenantScope,
  forVolumes,
  withSpec,
  withStatus,
} from '../../../test/gen/objects.ts';
import { err } from '../../std/result.ts';
import type { Session } from '../session.ts';
import { type ExplainFlags, explain } from './explain.ts';

async function explained(
  cluster: Cluster,
  name: string,
  flags: ExplainFlags = { output: 'text' },
  change: Partial<Omit<Session, 'terminal'>> = {},
) {
  const session = aSession(cluster, change);
  const outcome = await explain(session, flags, name);
  return { outcome, printed: session.terminal.printed };
}

async function settle(cluster: Cluster): Promise<Cluster> {
  await Promise.all([cluster.scope(), cluster.issuer()]);
  for (let turn = 0; turn < 3; turn++) await cluster.client();
  await cluster.binding();
  return cluster;
}

describe('explain', () => {
  test('says of a binding that all is well, and until when its token is valid', async () => {
    const cluster = await settle(await aReadyCluster());
    expect(await explained(cluster, 'wib/billing-api')).toMatchInlineSnapshot(`
      {
        "outcome": {
          "ok": true,
          "value": "fine",
        },
        "printed": "workloadidentitybinding/billing-api in acme-prod: ready (Ready) since 0s
        the token is in Secret billing-token and is renewed before it expires
          Nothing: this is how it should be.

      Conditions:
        Ready       True   Ready           0s
        Allowed     True   Allowed         0s
        Issued      True   TokenIssued     0s
        Delivered   True   SecretWritten   0s

      Token:
        secret/billing-token: it is valid. Issued at 2026-06-01T12:00:00Z, expires at 2026-06-01T12:10:00Z (in 10m), number 1 of its series.

      Rests on:
        oauthclient/billing   ready   Ready        its client
        tenantscope/acme      ready   Resolved     the ceiling of its tenant
        oauthissuer/login     ready   Discovered   its issuer
      ",
      }
    `);
  });

  test('says which field is at fault, what would be allowed, and until when tokens may be accepted', async () => {
    const cluster = await settle(await aReadyCluster());
    cluster.put(aClient(withSpec({ scopes: ['admin'] })));
    expect(await explained(await settle(cluster), 'oac/billing')).toMatchInlineSnapshot(`
      {
        "outcome": {
          "ok": true,
          "value": "found",
        },
        "printed": "oauthclient/billing in acme-prod: withdrawn (ScopeNotAllowed) since 0s

      Not allowed:
        spec.scopes: TenantScope acme does not allow admin; allowed: invoices.*, openid
          Ask for what the message lists, or have the TenantScope (or OAuthClient) that it names extended.

      Conditions:
        Ready        False   ScopeNotAllowed   0s
        Allowed      False   ScopeNotAllowed   0s
        Registered   False   ScopeNotAllowed   0s
        Stalled      True    ScopeNotAllowed   0s

      Withdrawal:
        Not allowed any more since 2026-06-01T12:00:00Z (ScopeNotAllowed).
        Taken away at 2026-06-01T12:00:00Z.
        The issuer has confirmed that the tokens are revoked.
        Validators that do not ask the issuer may accept tokens until 2026-06-01T12:10:00Z (in 10m).

      Rests on:
        tenantscope/acme    ready   Resolved     the ceiling of its tenant
        oauthissuer/login   ready   Discovered   its issuer
      ",
      }
    `);
  });

  test('says until when nothing is taken away for what may be an accident', async () => {
    const cluster = await settle(await aReadyCluster());
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'acme-prod' } });
    const { printed, outcome } = await explained(await settle(cluster), 'oac/billing');
    expect(outcome).toEqual({ ok: true, value: 'found' });
    expect(printed).toContain('oauthclient/billing in acme-prod: withdrawn (NoTenantScope) since 0s');
    expect(printed).toContain(
      'What was granted before stays until 2026-06-01T12:10:00Z (in 10m), in case it is an accident.',
    );
  });

  test('says of a client of a suspended tenant which one that is', async () => {
    const cluster = await settle(await aReadyCluster());
    cluster.put(aTenantScope(withSpec({ suspend: true })));
    const { printed } = await explained(await settle(cluster), 'oac/billing');
    expect(printed).toContain('TenantScope acme: spec.suspend is true');
    expect(printed).toMatch(
      /Rests on:\n {2}tenantscope\/acme +suspended +Suspended +the ceiling of its tenant\n/,
    );
    cluster.kube.fail('list', 'forbidden', 'tenantscopes');
    const { printed: toTenant } = await explained(cluster, 'oac/billing');
    expect(toTenant).toContain('TenantScope acme: spec.suspend is true');
    expect(toTenant).not.toContain('tenantscope/');
  });

  test('says of what was in volumes alone who revokes it and who knows, as the controller hears nothing of that', async () => {
    const cluster = await aReadyCluster();
    cluster.put(aBinding(forVolumes));
    await settle(cluster);
    const at = { namespace: 'acme-prod', name: 'billing-api' };
    const { status } = cluster.kube.find<ReturnType<typeof aBinding>>('workloadidentitybindings', at)!;
    const token = { scopes: ['admin'], audience: 'https://api.example' };
    cluster.put(aBinding(forVolumes, withSpec({ token }), withStatus(status!)));
    const { printed } = await explained(await settle(cluster), 'wib/billing-api');
    expect(printed).toContain(
      'workloadidentitybinding/billing-api in acme-prod: withdrawn (ScopeNotAllowed)',
    );
    expect(printed).toContain(
      'Tokens in volumes are revoked by their nodes, or with all others of the client, where the issuer can: the audit trail says whether it has confirmed that (dev.grantor.token.revoke.v1).',
    );
    expect(printed).not.toContain('not confirmed');
  });

  test('tells programs the same', async () => {
    const cluster = await settle(await aReadyCluster());
    const { printed } = await explained(cluster, 'wib/billing-api', { output: 'yaml' });
    expect(printed).toMatch(/^apiVersion: kubectl\.grantor\.dev\/v1\nkind: Explanation\n/);
    expect(printed).toContain('expiresAt: ');
  });

  test('knows a kind that is not served from an object that is not there', async () => {
    const session = aSession(await aReadyCluster());
    const message =
      'GET /apis/grantor.dev/v1alpha1/namespaces/acme-prod/oauthclients/billing: the API server answered 404';
    const get = () => Promise.resolve(err({ kind: 'notFound' as const, status: 404, message }));
    const outcome = await explain(
      { ...session, kube: Object.assign(session.kube, { get }) },
      { output: 'text' },
      'oac/billing',
    );
    expect(outcome).toMatchObject({ error: { exit: 'notInstalled' } });
  });

  test.each([
    ['wib/absent', 'notFound', 'there is no workloadidentitybinding/absent in namespace acme-prod'],
    ['pod/x', 'usage', 'there is no kind "pod"'],
  ])('%s ends with one line', async (name, exit, message) => {
    const { outcome } = await explained(await aReadyCluster(), name);
    expect(outcome).toMatchObject({ ok: false, error: { exit, message } });
  });
});
