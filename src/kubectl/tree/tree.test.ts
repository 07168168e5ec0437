import { describe, expect, test } from 'vitest';
import { recordingTerminal } from '../../../test/fakes/recording-terminal.ts';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aSession } from '../../../test/gen/a-session.ts';
import { aBinding, aTenantScope, forVolumes, withMetadata, withSpec } from '../../../test/gen/objects.ts';
import type { Session } from '../session.ts';
import { type TreeFlags, tree } from './tree.ts';

const asTable: TreeFlags = { output: 'table', headers: true, watch: false };

/** A tenant with a token in a Secret, one in volumes alone, and pods that have them. */
async function aBusyCluster(): Promise<Cluster> {
  const cluster = await aReadyCluster();
  cluster.put(aBinding(forVolumes, withMetadata({ name: 'billing-volume', uid: 'uid-volume' })));
  cluster.put(aBinding(withSpec({ clientRef: { name: 'gone' } }), withMetadata({ name: 'lost' })));
  await Promise.all([cluster.scope(), cluster.issuer(), cluster.binding()]);
  await cluster.binding('acme-prod/billing-volume');
  await cluster.binding('acme-prod/lost');
  const pod = (name: string, spec: object, phase = 'Running') =>
    cluster.kube.put('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'acme-prod', name },
      spec: { serviceAccountName: 'billing', ...spec },
      status: { phase },
    } as never);
  pod('mounts-secret', { volumes: [{ secret: { secretName: 'billing-token' } }] });
  pod('projects-secret', { volumes: [{ projected: { sources: [{ secret: { name: 'billing-token' } }] } }] });
  pod('in-environment', { containers: [{ envFrom: [{ secretRef: { name: 'billing-token' } }] }] });
  pod('mounts-volume', {
    volumes: [{ csi: { driver: 'csi.grantor.dev', volumeAttributes: { binding: 'billing-volume' } } }],
  });
  pod('ended', { volumes: [{ secret: { secretName: 'billing-token' } }] }, 'Succeeded');
  pod('a-stranger', { volumes: [{ secret: { secretName: 'other' } }] });
  return cluster;
}

async function treeOf(
  cluster: Cluster,
  name?: string,
  change: Partial<Omit<Session, 'terminal'>> = {},
  flags: Partial<TreeFlags> = {},
) {
  const session = aSession(cluster, change);
  const outcome = await tree(session, { ...asTable, ...flags }, name);
  return { outcome, printed: session.terminal.printed };
}

const objectsIn = (printed: string): string[] =>
  printed
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^[│├└─ ]*/, '').split(' ', 1)[0] ?? '');

describe('tree', () => {
  test('shows what hangs on what, down to the pods', async () => {
    expect((await treeOf(await aBusyCluster())).printed).toMatchInlineSnapshot(`
      "OBJECT                                            STATE     REASON           DETAIL
      oauthissuer/login                                 ready     Discovered       https://login.example
      └─ tenantscope/acme                               ready     Resolved         tenant acme
         └─ oauthclient/billing (acme-prod)             ready     Ready            Federated, client id 00000000-0000-4000-8000-000000000001
            ├─ workloadidentitybinding/billing-api      ready     Ready            invoices.read for https://api.example
            │  └─ secret/billing-token                  ready     SecretWritten    expires in 10m
            │     ├─ pod/mounts-secret                  ready     Running          reads it from its volume
            │     ├─ pod/projects-secret                ready     Running          reads it from its volume
            │     └─ pod/in-environment                 working   Running          reads it from its environment, which never sees a renewed token
            └─ workloadidentitybinding/billing-volume   ready     Ready            invoices.read for https://api.example
               └─ pod/mounts-volume                     ready     Running          mounts it
      workloadidentitybinding/lost (acme-prod)          refused   ClientNotFound   invoices.read for https://api.example
      └─ secret/billing-token                           ready     SecretWritten    expires in 10m
         ├─ pod/mounts-secret                           ready     Running          reads it from its volume
         ├─ pod/projects-secret                         ready     Running          reads it from its volume
         └─ pod/in-environment                          working   Running          reads it from its environment, which never sees a renewed token
      "
    `);
  });

  test('of one object shows what it hangs on, and all that hangs on it', async () => {
    const cluster = await aBusyCluster();
    const { printed } = await treeOf(cluster, 'wib/billing-volume', {}, { headers: false });
    expect(objectsIn(printed)).toEqual([
      'oauthissuer/login',
      'tenantscope/acme',
      'oauthclient/billing',
      'workloadidentitybinding/billing-volume',
      'pod/mounts-volume',
    ]);
  });

  test('of a tenant shows what it has in all namespaces, unless one is named', async () => {
    const cluster = await aBusyCluster();
    const elsewhere = { namespace: 'default' };
    const all = await treeOf(cluster, 'tscope/acme', elsewhere);
    expect(objectsIn(all.printed)).toContain('oauthclient/billing');
    const there = await treeOf(cluster, 'tscope/acme', { ...elsewhere, namespaceNamed: true });
    expect(there.printed).toContain('tenantscope/acme');
    expect(there.printed).not.toContain('oauthclient/billing');
  });

  test('says that there is no such object', async () => {
    const { outcome } = await treeOf(await aReadyCluster(), 'oac/absent');
    expect(outcome).toMatchObject({
      error: { exit: 'notFound', message: 'there is no oauthclient/absent in namespace acme-prod' },
    });
  });

  test('shows a tenant its own part, and Secrets by name where it may not see them', async () => {
    const cluster = await aBusyCluster();
    for (const hidden of ['oauthissuers', 'tenantscopes', 'secrets', 'namespaces'])
      cluster.kube.fail('list', 'forbidden', hidden);
    const { printed } = await treeOf(cluster);
    expect(printed).toMatch(/oauthissuer\/login +- +- +not visible to you/);
    expect(printed).toMatch(/tenantscope\/acme +- +- +not visible to you/);
    expect(printed).toMatch(/secret\/billing-token +- +- +not visible to you/);
    expect(printed).toContain('you may not list secrets in namespace acme-prod');
  });

  test('says of a refused client that its tenant is for others to see', async () => {
    const cluster = await aReadyCluster();
    cluster.put(aTenantScope(withSpec({ suspend: true })));
    await Promise.all([cluster.scope(), cluster.issuer()]);
    for (let turn = 0; turn < 3; turn++) await cluster.client();
    expect((await treeOf(cluster)).printed).toMatch(/tenantscope\/acme +suspended/);
    cluster.kube.fail('list', 'forbidden', 'tenantscopes');
    const { printed } = await treeOf(cluster);
    expect(printed).toMatch(/tenantscope\/\? +- +- +you may not read TenantScopes/);
  });

  test('names the namespace that has nothing, and how to look in all', async () => {
    const { printed } = await treeOf(await aReadyCluster(), undefined, { namespace: 'default' });
    expect(printed).toBe('No objects of Grantor found in namespace default; -A looks in all namespaces.\n');
  });

  test('never shows the token', async () => {
    const cluster = await aBusyCluster();
    const data = cluster.kube.find<never>('secrets', { namespace: 'acme-prod', name: 'billing-token' });
    const { token } = (data as unknown as { data: { token: string } }).data;
    const { printed } = await treeOf(cluster, undefined, {}, { output: 'json' });
    expect(JSON.parse(printed)).toMatchObject({ kind: 'Tree' });
    expect(printed).not.toContain(token);
    expect(printed).not.toContain(Buffer.from(token, 'base64').toString());
  });

  test('is in colours where the terminal has them', async () => {
    const cluster = await aReadyCluster();
    const session = aSession(cluster, { terminal: recordingTerminal({ colours: true }) });
    await tree(session, asTable, undefined);
    expect(session.terminal.printed).toContain('\u001b[32mready\u001b[0m');
  });
});
