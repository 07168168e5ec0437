import { describe, expect, test } from 'vitest';
import { recordingTerminal } from '../../../test/fakes/recording-terminal.ts';
import { aCluster, aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aSession } from '../../../test/gen/a-session.ts';
import { aBinding, aClient, withMetadata, withSpec } from '../../../test/gen/objects.ts';
import { seconds } from '../../std/duration.ts';
import { formatInstant } from '../../std/instant.ts';
import { type StatusFlags, status } from './status.ts';

const asTable: StatusFlags = { output: 'table', headers: true, watch: false };

async function statusOf(cluster: Cluster, flags: Partial<StatusFlags> = {}) {
  const session = aSession(cluster);
  const outcome = await status(session, { ...asTable, ...flags });
  return { outcome, printed: session.terminal.printed };
}

/** A client that asks for more than it may have, and its binding. */
async function aRefusedCluster(): Promise<Cluster> {
  const cluster = await aReadyCluster();
  await Promise.all([cluster.scope(), cluster.issuer()]);
  cluster.put(aClient(withSpec({ scopes: ['admin'] })));
  for (let turn = 0; turn < 3; turn++) await cluster.client();
  await cluster.binding();
  return cluster;
}

describe('status', () => {
  test('tells that everything is as it should be', async () => {
    const cluster = await aReadyCluster();
    await Promise.all([cluster.scope(), cluster.issuer()]);
    await cluster.binding();
    expect(await statusOf(cluster)).toMatchInlineSnapshot(`
      {
        "outcome": {
          "ok": true,
          "value": "fine",
        },
        "printed": "NAMESPACE   OBJECT                                STATE   REASON       SINCE
                  oauthissuer/login                     ready   Discovered   0s
                  tenantscope/acme                      ready   Resolved     0s
      acme-prod   oauthclient/billing                   ready   Ready        0s
      acme-prod   workloadidentitybinding/billing-api   ready   Ready        0s

      4 objects: 4 ready.
      ",
      }
    `);
  });

  test('puts first what wants attention, and says what to do', async () => {
    expect(await statusOf(await aRefusedCluster())).toMatchInlineSnapshot(`
      {
        "outcome": {
          "ok": true,
          "value": "found",
        },
        "printed": "NAMESPACE   OBJECT                                STATE       REASON            SINCE
      acme-prod   oauthclient/billing                   withdrawn   ScopeNotAllowed   0s
      acme-prod   workloadidentitybinding/billing-api   refused     ScopeNotAllowed   0s
                  oauthissuer/login                     ready       Discovered        0s
                  tenantscope/acme                      ready       Resolved          0s

      4 objects: 1 withdrawn, 1 refused, 2 ready.

      oauthclient/billing in acme-prod: spec.scopes: TenantScope acme does not allow admin; allowed: invoices.*, openid
        Ask for what the message lists, or have the TenantScope (or OAuthClient) that it names extended.

      workloadidentitybinding/billing-api in acme-prod: spec.token.scopes: OAuthClient billing does not allow invoices.read; allowed: admin. spec.clientRef: OAuthClient billing is refused: spec.scopes: TenantScope acme does not allow admin; allowed: invoices.*, openid
        Ask for what the message lists, or have the TenantScope (or OAuthClient) that it names extended.
      ",
      }
    `);
  });

  test('names the namespace that has nothing, and how to look in all', async () => {
    const cluster = await aReadyCluster();
    const session = aSession(cluster, { namespace: 'default' });
    await status(session, asTable);
    expect(session.terminal.printed).toContain('oauthissuer/login');
    const nothing = 'No objects of Grantor found in namespace default; -A looks in all namespaces.\n';
    expect(session.terminal.printed).toContain(nothing);
    for (const hidden of ['oauthissuers', 'tenantscopes']) cluster.kube.fail('list', 'forbidden', hidden);
    const tenants = aSession(cluster, { namespace: 'default' });
    await status(tenants, asTable);
    expect(tenants.terminal.printed).toMatch(new RegExp(`^${nothing}`));
  });

  test('tells programs the same', async () => {
    const { printed } = await statusOf(await aRefusedCluster(), { output: 'json' });
    const document = JSON.parse(printed) as { items: { name: string; state: string }[] };
    expect(document).toMatchObject({ apiVersion: 'kubectl.grantor.dev/v1', kind: 'Status' });
    expect(document.items.map(({ name, state }) => `${name} ${state}`)).toMatchInlineSnapshot(`
      [
        "billing withdrawn",
        "billing-api refused",
        "login ready",
        "acme ready",
      ]
    `);
  });

  test('prints rows alone where no headers are wanted', async () => {
    const { printed } = await statusOf(await aRefusedCluster(), { headers: false });
    expect(printed).not.toMatch(/OBJECT|objects|Ask/);
    expect(printed.trimEnd().split('\n')).toHaveLength(4);
  });

  test('says that a controller has not looked at an object yet', async () => {
    const old = await statusOf(aCluster());
    expect(old.outcome).toEqual({ ok: true, value: 'found' });
    expect(old.printed).toMatch(/oauthissuer\/login +neglected +NotSeenYet/);
    const cluster = await aReadyCluster();
    await Promise.all([cluster.scope(), cluster.issuer(), cluster.binding()]);
    const creationTimestamp = formatInstant(cluster.clock.now());
    cluster.put(aBinding(withMetadata({ name: 'new', creationTimestamp })));
    const { printed, outcome } = await statusOf(cluster);
    expect(outcome).toEqual({ ok: true, value: 'fine' });
    expect(printed).toMatch(/workloadidentitybinding\/new +unseen +NotSeenYet/);
  });

  test('shows an object that this version cannot read', async () => {
    const cluster = await aReadyCluster();
    cluster.put({ ...aBinding(), spec: { clientRef: 1 } } as never);
    const { printed, outcome } = await statusOf(cluster);
    expect(outcome).toEqual({ ok: true, value: 'found' });
    expect(printed).toMatch(/acme-prod +workloadidentitybinding\/billing-api +malformed +Malformed/);
  });

  test('shows a tenant what is its own, and says what is kept from it', async () => {
    const cluster = await aReadyCluster();
    cluster.kube.fail('list', 'forbidden', 'oauthissuers');
    cluster.kube.fail('list', 'forbidden', 'tenantscopes');
    const { printed, outcome } = await statusOf(cluster);
    expect(outcome.ok).toBe(true);
    expect(printed).toContain('oauthclient/billing');
    expect(printed).toContain(
      'Not shown: you may not list oauthissuers.grantor.dev in the cluster; you may not list tenantscopes.grantor.dev in the cluster.',
    );
  });

  test.each([
    ['forbidden', 'forbidden', 'you may not list oauthclients.grantor.dev in namespace acme-prod'],
    ['notFound', 'notInstalled', 'this cluster does not serve oauthclients.grantor.dev/v1alpha1'],
    ['unauthorized', 'unreachable', 'the API server does not accept your credentials'],
    ['unavailable', 'unreachable', 'list failed: unavailable'],
  ] as const)('ends with one line where the list is %s', async (failure, exit, message) => {
    const cluster = aCluster();
    cluster.kube.fail('list', failure, 'oauthclients');
    expect((await statusOf(cluster)).outcome).toMatchObject({ ok: false, error: { exit, message } });
  });
});

describe('status --watch', () => {
  test('prints what changed, and is not put off by an API server that is away for a while', async () => {
    const cluster = await aReadyCluster();
    await Promise.all([cluster.scope(), cluster.issuer(), cluster.binding()]);
    const stop = new AbortController();
    const terminal = recordingTerminal();
    const session = aSession(cluster, { terminal, stop: stop.signal });
    const ended = status(session, { ...asTable, watch: true });
    await cluster.clock.advance(seconds(4));
    expect(terminal.renewals).toBe(1);
    cluster.kube.fail('list', 'unavailable');
    await cluster.clock.advance(seconds(2));
    expect(terminal.complaints).toEqual(['list failed: unavailable; trying again']);
    cluster.kube.recover();
    cluster.put(aBinding(withMetadata({ name: 'another' })));
    await cluster.clock.advance(seconds(2));
    expect(terminal.renewals).toBe(2);
    stop.abort();
    expect(await ended).toEqual({ ok: true, value: 'found' });
  });
});
