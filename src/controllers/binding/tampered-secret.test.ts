import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aClient, aTenantScope, withMetadata, withSpec, withStatus } from '../../../test/gen/objects.ts';
import { secretKind } from '../../kube/core-kinds.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { seconds } from '../../std/duration.ts';

type SecretObject = KubeObject & { readonly data: Readonly<Record<string, string>> };

/** Somebody who may, and should not, writes a value into a Secret of ours. */
async function tamper(cluster: Cluster, name: string, key: string): Promise<void> {
  const { kube, clock } = cluster;
  const found = kube.find<SecretObject>('secrets', { namespace: 'acme-prod', name });
  if (found === undefined) throw new Error(`there is no Secret ${name}`);
  const changed = { ...found, data: { ...found.data, [key]: Buffer.from('forged').toString('base64') } };
  const written = await kube.client(clock, 'kubectl-edit').replace(secretKind, changed);
  if (!written.ok) throw new Error(written.error.message);
  cluster.put(written.value);
}

const acts = ({ audit }: Cluster): string[] =>
  audit.map(({ act, outcome, object, reason }) => `${act} ${outcome} ${object} ${reason}`);

describe('rule 5: another hand on the data of', () => {
  it('a token Secret is noticed: it goes, is told of, and a new token takes its place after a moment', async () => {
    const cluster = await aReadyCluster();
    await cluster.binding();
    await tamper(cluster, 'billing-token', 'token');
    await cluster.binding();
    expect(cluster.secret('billing-token')).toBeUndefined();
    expect(acts(cluster)).toContain('withdraw success Secret acme-prod/billing-token SecretTampered');
    expect(cluster.audit.at(-1)).toMatchObject({
      ...{ act: 'withdraw', binding: 'acme-prod/billing-api', tenantID: 'acme' },
    });
    expect(cluster.told.map((event) => event.replace(/:.*/, '')).slice(-2)).toEqual([
      'Normal WorkloadIdentityBinding acme-prod/billing-api SecretRemoved',
      'Warning WorkloadIdentityBinding acme-prod/billing-api SecretTampered',
    ]);
    expect(cluster.condition('workloadidentitybindings', 'billing-api')).toBe(
      'False SecretTampered: the data of Secret acme-prod/billing-token was changed by somebody else; it was removed and is made anew',
    );
    await cluster.clock.advance(seconds(2));
    await cluster.binding();
    expect(cluster.secret('billing-token')?.['token']).toBe(cluster.driver.issued[1]?.token.reveal());
    expect(cluster.condition('workloadidentitybindings', 'billing-api')).toContain('True Ready');
  });

  it('a token Secret, again and again, leads to one token request a second at most', async () => {
    const cluster = await aReadyCluster();
    for (let n = 0; n < 20; n++) {
      await cluster.binding();
      if (cluster.secret('billing-token')) await tamper(cluster, 'billing-token', 'expires_at');
      await cluster.clock.advance(seconds(0.25));
    }
    expect(cluster.driver.issued.length).toBeLessThanOrEqual(6);
  });

  it('the copy of a credential is noticed: it goes, and is copied again', async () => {
    const { spec } = aTenantScope();
    const cluster = await aReadyCluster(
      aTenantScope(withSpec({ clients: { ...spec.clients, authentication: ['Secret'] } })),
      aClient(
        withMetadata({ finalizers: [] }),
        withSpec({ authentication: { secret: { secretRef: { name: 'billing-credentials' } } } }),
        withStatus({}),
      ),
    );
    const name = 'billing-credentials';
    const before = cluster.secret(name);
    await tamper(cluster, name, 'client_secret');
    await cluster.client();
    expect(cluster.secret(name)).toBeUndefined();
    expect(cluster.condition('oauthclients', 'billing', 'CredentialsReady')).toContain(
      'False SecretTampered',
    );
    await cluster.clock.advance(seconds(2));
    await cluster.client();
    expect(cluster.secret(name)).toEqual(before);
    expect(cluster.condition('oauthclients', 'billing')).toContain('True Ready');
  });
});
