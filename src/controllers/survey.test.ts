import { describe, expect, it } from 'vitest';
import { aReadyCluster, type Cluster } from '../../test/gen/a-cluster.ts';
import { aClient, anIssuer, aTenantScope, withSpec, withStatus } from '../../test/gen/objects.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { isFalse } from '../domain/condition.ts';
import { minutes } from '../std/duration.ts';
import { formatInstant, minus } from '../std/instant.ts';
import { survey } from './survey.ts';

/** `name{labels} value` of all that is not 0, of the metrics whose name begins so. */
const found = ({ world, clock }: Cluster, name: string): string[] =>
  survey(world, clock.now())
    .filter((finding) => finding.name.startsWith(name) && finding.value !== 0)
    .map(({ name, labels, value }) => `${name}{${Object.values(labels).join(',')}} ${value}`)
    .sort();

async function delivered(): Promise<Cluster> {
  const cluster = await aReadyCluster();
  await cluster.client();
  await cluster.binding();
  return cluster;
}

describe('a survey', () => {
  it('counts the tokens in Secrets: fresh, then late, then expired; and what is granted and not there', async () => {
    const cluster = await delivered();
    expect(found(cluster, 'grantor_tokens')).toEqual(['grantor_tokens{login,acme,Fresh} 1']);
    await cluster.clock.advance(minutes(9));
    expect(found(cluster, 'grantor_tokens')).toEqual(['grantor_tokens{login,acme,Late} 1']);
    await cluster.clock.advance(minutes(2));
    expect(found(cluster, 'grantor_tokens')).toEqual(['grantor_tokens{login,acme,Expired} 1']);
    cluster.world.tokenSecrets.store.forget(
      'acme-prod/billing-token',
      cluster.world.tokenSecrets.store.get('acme-prod/billing-token')!.uid,
    );
    expect(found(cluster, 'grantor_tokens')).toEqual(['grantor_tokens{login,acme,Empty} 1']);
  });

  it('counts no token of what is not granted any more', async () => {
    const cluster = await delivered();
    cluster.put(aTenantScope(withSpec<TenantScope>({ suspend: true })));
    for (let turn = 0; turn < 3; turn++) await cluster.binding();
    expect(found(cluster, 'grantor_tokens')).toEqual([]);
  });

  it('counts objects by what their condition Ready says', async () => {
    const cluster = await delivered();
    expect(found(cluster, 'grantor_objects')).toContain(
      'grantor_objects{WorkloadIdentityBinding,True,Ready} 1',
    );
    cluster.put(aTenantScope(withSpec<TenantScope>({ suspend: true })));
    for (let turn = 0; turn < 3; turn++) await cluster.binding();
    expect(found(cluster, 'grantor_objects')).toContain(
      'grantor_objects{WorkloadIdentityBinding,False,Suspended} 1',
    );
  });

  it('says of each issuer whether it is ready', async () => {
    const cluster = await aReadyCluster();
    const ready = () =>
      survey(cluster.world, cluster.clock.now()).filter(({ name }) => name === 'grantor_issuer_ready');
    await cluster.issuer();
    expect(ready()).toEqual([{ name: 'grantor_issuer_ready', labels: { issuer: 'login' }, value: 1 }]);
    const away = { ...isFalse('Ready', 'IssuerUnavailable', ''), lastTransitionTime: '2026-01-01T00:00:00Z' };
    cluster.put(anIssuer(withStatus<OAuthIssuer>({ conditions: [away] })));
    expect(ready()).toEqual([{ name: 'grantor_issuer_ready', labels: { issuer: 'login' }, value: 0 }]);
  });

  it.each([
    [59, []],
    [61, ['grantor_rotations_overdue{login} 1']],
  ])('counts a rotation as overdue that has waited for %d minutes: %j', async (waited, expected) => {
    const cluster = await aReadyCluster();
    const next = formatInstant(minus(cluster.clock.now(), minutes(waited)));
    cluster.put(aClient(withStatus<OAuthClient>({ rotation: { next } })));
    expect(found(cluster, 'grantor_rotations_overdue')).toEqual(expected);
  });
});
