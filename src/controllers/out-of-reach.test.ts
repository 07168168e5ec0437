import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../test/gen/a-cluster.ts';
import { anyLogin, clientIDs, live, operations, withSecret } from '../../test/gen/client-steps.ts';
import { aBinding, aTenantScope, forVolumes, withMetadata, withSpec } from '../../test/gen/objects.ts';
import type { WithdrawalStatus } from '../api/withdrawal-field.ts';
import type { KubeObject } from '../kube/objects.ts';
import { minutes, seconds } from '../std/duration.ts';

type Told = KubeObject & { status?: { grant?: object; withdrawal?: WithdrawalStatus } };

const bindingStatus = ({ kube }: Cluster): NonNullable<Told['status']> =>
  kube.find<Told>('workloadidentitybindings', { namespace: 'acme-prod', name: 'billing-api' })?.status ?? {};
const binding = (cluster: Cluster, type = 'Ready'): string =>
  cluster.condition('workloadidentitybindings', 'billing-api', type);
const client = (cluster: Cluster, type = 'Ready'): string =>
  cluster.condition('oauthclients', 'billing', type);
const token = (cluster: Cluster): string | undefined => cluster.secret('billing-token')?.['token'];
const held = ({ driver }: Cluster) => [...driver.clients.values()][0]?.desired;
const audience = ({ kube }: Cluster): number => kube.tokenAudiences.length;

const logins = aTenantScope(withSpec({ clients: anyLogin }));
const narrower = aTenantScope(
  withSpec({ tokens: { ...aTenantScope().spec.tokens, scopes: [] } }),
  withMetadata({ generation: 2 }),
);
const suspended = aTenantScope(withSpec({ suspend: true }), withMetadata({ generation: 2 }));

async function delivered(): Promise<Cluster> {
  const cluster = await aReadyCluster();
  await cluster.binding();
  expect(token(cluster)).toBeDefined();
  cluster.kube.writes.length = 0;
  return cluster;
}
const secretCalls = ({ kube }: Cluster): string[] =>
  kube.writes.filter((write) => write.includes('secrets acme-prod') || write.includes('token'));

describe('where Secret delivery was never installed', () => {
  it('a binding with a Secret is refused, and told which value of the chart would change that', async () => {
    const cluster = await aReadyCluster();
    cluster.installSecrets('beyond');
    await cluster.binding();
    expect(binding(cluster)).toMatch(
      /^False SecretDeliveryNotInstalled: spec.delivery: .* namespace acme-prod; add it to the chart's value secretDelivery.namespaces, or leave spec.delivery out/,
    );
    expect(binding(cluster, 'Delivered')).toContain('nothing is delivered');
    expect(bindingStatus(cluster).withdrawal).toBeUndefined();
    expect([operations(cluster), audience(cluster), secretCalls(cluster)]).toEqual([['register'], 0, []]);
  });

  it('one for volumes is granted as anywhere', async () => {
    const cluster = await aReadyCluster(aBinding(forVolumes));
    cluster.installSecrets('beyond');
    await cluster.binding();
    expect(binding(cluster)).toContain('True Ready');
  });

  it('a client with its credential in a Secret is refused, and is not registered', async () => {
    const cluster = await aReadyCluster(logins);
    cluster.installSecrets('beyond');
    cluster.put({ ...withSecret, metadata: { ...withSecret.metadata, name: 'other', uid: 'uid-other' } });
    await cluster.client('acme-prod/other');
    expect(cluster.condition('oauthclients', 'other')).toMatch(
      /^False SecretDeliveryNotInstalled: spec.authentication: .*secretDelivery.namespaces, or have the client log in with its ServiceAccount/,
    );
    expect(clientIDs(cluster)).toHaveLength(1);
    expect(secretCalls(cluster)).toEqual([]);
  });
});

describe('a namespace that is taken off the list', () => {
  it('keeps for the delay what it had, without a renewal, and is told until when', async () => {
    const cluster = await delivered();
    const before = token(cluster);
    cluster.installSecrets('beyond');
    await cluster.binding();
    expect(binding(cluster)).toMatch(
      /^False SecretDeliveryNotInstalled: .* stays until 2026-06-01T12:10:00Z/,
    );
    expect(binding(cluster, 'Delivered')).toMatch(
      /is not installed .* Secret billing-token, .* is not renewed/,
    );
    expect(bindingStatus(cluster).grant).toBeDefined();
    await live(cluster, 9);
    await cluster.binding();
    expect([token(cluster), operations(cluster)]).toEqual([before, ['register', 'requestToken']]);
    expect(secretCalls(cluster)).toEqual([]);
  });

  it('then has nothing renewed; that the Secret may be there still, and whose it is, is not kept from anybody', async () => {
    const cluster = await delivered();
    cluster.installSecrets('beyond');
    await cluster.binding();
    await cluster.clock.advance(minutes(10));
    await cluster.binding();
    expect(bindingStatus(cluster).grant).toBeDefined();
    expect(bindingStatus(cluster).withdrawal).toMatchObject({
      reason: 'SecretDeliveryNotInstalled',
      revocation: 'Unconfirmed',
      exposedUntil: '2026-06-01T12:20:00Z',
    });
    const left =
      /^Unknown SecretDeliveryNotInstalled: .*may be left in Secret billing-token until it expires/;
    expect(binding(cluster, 'Delivered')).toMatch(left);
    cluster.restart();
    await cluster.binding();
    expect(binding(cluster, 'Delivered')).toMatch(left);
    expect(secretCalls(cluster)).toEqual([]);
  });

  it('is taken away from at once by what is meant, as far as that is in reach', async () => {
    const cluster = await delivered();
    cluster.installSecrets('beyond');
    cluster.put(suspended);
    await cluster.client();
    await cluster.binding();
    expect(bindingStatus(cluster).grant).toBeDefined();
    expect(binding(cluster)).toContain('False Suspended');
    expect(binding(cluster, 'Delivered')).toContain('may be left in Secret billing-token');
    expect(held(cluster)).toMatchObject({ scopes: [] });
  });

  it('finds what it left when it is listed again, and asks nobody for what it has', async () => {
    const cluster = await delivered();
    cluster.installSecrets('beyond');
    await cluster.binding();
    await cluster.clock.advance(seconds(30));
    cluster.installSecrets('within');
    await cluster.binding();
    expect(binding(cluster)).toContain('True Ready');
    expect(bindingStatus(cluster).withdrawal).toBeUndefined();
    expect(operations(cluster)).toEqual(['register', 'requestToken']);
  });

  it('loses what lies there, and has it revoked, when it is listed again and nobody is allowed it any more', async () => {
    const cluster = await delivered();
    cluster.installSecrets('beyond');
    cluster.put(narrower);
    await cluster.binding();
    expect(token(cluster)).toBeDefined();
    cluster.installSecrets('within');
    await cluster.binding();
    await cluster.clock.advance(seconds(1));
    await cluster.binding();
    expect(token(cluster)).toBeUndefined();
    expect(operations(cluster)).toContain('revoke');
    expect(binding(cluster, 'Delivered')).toContain('nothing is delivered');
    expect(bindingStatus(cluster).grant).toBeUndefined();
  });

  it('has clients whose credentials open nothing after the delay, and the same ones when it is listed again', async () => {
    const cluster = await aReadyCluster(logins, withSecret);
    const [id] = clientIDs(cluster);
    const credentials = cluster.secret('credentials');
    expect(credentials).toMatchObject({ client_id: id });
    cluster.kube.writes.length = 0;
    cluster.installSecrets('beyond');
    await cluster.client();
    expect(client(cluster)).toMatch(/^False SecretDeliveryNotInstalled: .* stays until 2026-06-01T12:10:00Z/);
    expect(held(cluster)?.scopes).not.toEqual([]);
    await live(cluster, 11);
    expect(held(cluster)?.scopes).toEqual([]);
    expect(client(cluster, 'CredentialsReady')).toMatch(
      /^Unknown SecretDeliveryNotInstalled: .* may be left in Secret credentials; they open nothing/,
    );
    expect(secretCalls(cluster)).toEqual([]);
    cluster.installSecrets('within');
    await live(cluster, 1);
    expect(client(cluster)).toContain('True Ready');
    expect(held(cluster)?.scopes).not.toEqual([]);
    expect([clientIDs(cluster), cluster.secret('credentials')]).toEqual([[id], credentials]);
  });
});

describe('a namespace whose Secrets are not read yet', () => {
  it('is waited for: nothing is asked for, nothing taken away and nothing told', async () => {
    const cluster = await delivered();
    cluster.installSecrets('unread');
    cluster.put(suspended);
    expect(await cluster.binding()).toMatchObject({ kind: 'again' });
    expect(cluster.kube.writes).toEqual([]);
    cluster.installSecrets('within');
    await cluster.binding();
    expect(token(cluster)).toBeUndefined();
  });

  it('and cannot be read, is told so, and loses nothing for it', async () => {
    const cluster = await delivered();
    cluster.installSecrets('unread', 'secrets is forbidden');
    await cluster.binding();
    expect(binding(cluster)).toMatch(
      /^False SecretDeliveryNotInstalled: Secrets of namespace acme-prod cannot be read: secrets is forbidden/,
    );
    expect(bindingStatus(cluster).grant).toBeDefined();
    expect(bindingStatus(cluster).withdrawal).toBeUndefined();
    cluster.put(suspended);
    await cluster.binding();
    expect(bindingStatus(cluster).grant).toBeDefined();
  });

  it('has clients that are registered already stay so', async () => {
    const cluster = await aReadyCluster(logins, withSecret);
    cluster.kube.writes.length = 0;
    cluster.installSecrets('unread');
    await cluster.client();
    expect(cluster.kube.writes).toEqual([]);
    cluster.installSecrets('unread', 'secrets is forbidden');
    await cluster.client();
    expect(client(cluster, 'Registered')).toContain('True Registered');
    expect(client(cluster, 'CredentialsReady')).toContain('cannot be read: secrets is forbidden');
    cluster.installSecrets('within');
    await cluster.client();
    expect(client(cluster)).toContain('True Ready');
  });
});
