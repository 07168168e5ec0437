import { expect, it } from 'vitest';
import { FakeRng } from '../../test/fakes/fake-rng.ts';
import { recordingLog } from '../../test/fakes/recording-log.ts';
import { recordingMetrics } from '../../test/fakes/recording-metrics.ts';
import { aCluster, aReadyCluster, audienceList } from '../../test/gen/a-cluster.ts';
import { clientIDs, vanish } from '../../test/gen/client-steps.ts';
import {
  aBinding,
  aClient,
  anIssuer,
  aTenantScope,
  ofTenant,
  withMetadata,
  without,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import { whileRunning } from '../../test/gen/while-running.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import type { Condition, KubeObject } from '../kube/objects.ts';
import { seconds } from '../std/duration.ts';
import { createControllers } from './wiring.ts';

it('what a vanished client left can obtain nothing more when its issuer comes back', async () => {
  const cluster = await aReadyCluster();
  await whileRunning(
    cluster,
    () => {
      cluster.kube.remove('oauthissuers', { name: 'login' });
      vanish(cluster);
    },
    () => {
      expect(clientIDs(cluster)).toHaveLength(1);
      cluster.put(anIssuer((issuer) => ({ ...issuer, metadata: { ...issuer.metadata, uid: 'uid-back' } })));
    },
  );
  expect([...cluster.driver.clients.values()].map(({ desired }) => desired.audiences)).toEqual([[]]);
});

it('a label decides at once what a ServiceAccount may have, both ways', async () => {
  const cluster = aCluster(
    aTenantScope(withSpec({ serviceAccountSelector: { matchLabels: { tier: 'backend' } } })),
  );
  const said = (): string => cluster.condition('workloadidentitybindings', 'billing-api', 'Allowed');
  const label = (labels: Readonly<Record<string, string>>) => (): void => {
    const metadata = { namespace: 'acme-prod', name: 'billing', uid: 'uid-sa', labels };
    cluster.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  };
  await whileRunning(
    cluster,
    () => {
      expect(said()).toMatch(/^False ServiceAccountNotAllowed/);
      label({ tier: 'backend' })();
    },
    () => {
      expect(said()).toMatch(/^True/);
      expect(cluster.secret('billing-token')).toBeDefined();
      label({})();
    },
  );
  expect(said()).toMatch(/^False ServiceAccountNotAllowed/);
  expect(cluster.secret('billing-token')).toBeUndefined();
});

it('no token is asked for an audience before it is installed, nor where the list of them is gone', async () => {
  const cluster = aCluster(audienceList('https://other.example'));
  const ofIssuer = (): string => {
    const found = cluster.kube.find<KubeObject & { status?: { conditions?: Condition[] } }>('oauthissuers', {
      name: 'login',
    });
    const [{ status, reason, message } = {}] = found?.status?.conditions ?? [];
    return `${status} ${reason}: ${message}`;
  };
  const missing =
    /^False AudienceNotInstalled: the audience https:\/\/login\.example of OAuthIssuer login is not among/;
  const asked = (): number => cluster.driver.calls.filter((call) => call.operation === 'requestToken').length;
  const notInstalled = (): void => {
    expect(ofIssuer()).toMatch(missing);
    expect(cluster.condition('workloadidentitybindings', 'billing-api')).toMatch(missing);
    expect([cluster.kube.tokenAudiences, asked()]).toEqual([[], 0]);
  };
  await whileRunning(
    cluster,
    () => {
      notInstalled();
      cluster.kube.remove('configmaps', audienceList().metadata);
    },
    () => {
      notInstalled();
      cluster.put(audienceList('https://other.example', 'https://login.example'));
    },
  );
  expect(ofIssuer()).toMatch(/^True/);
  expect(cluster.condition('workloadidentitybindings', 'billing-api')).toMatch(/^True/);
  expect(asked()).toBe(1);
});

it('an id that was adopted is free for the next one as soon as it is taken away, and not before', async () => {
  const clients = { ...aTenantScope().spec.clients, adoption: 'Allowed' } as const;
  const byHand = withSpec<OAuthClient>({ clientID: 'by-hand' });
  const cluster = aCluster(
    anIssuer(
      withSpec({ driver: { static: {} }, unenforcedCeiling: 'Accept' }),
      without('Register', 'EnforceCeiling', 'RevokeAll'),
    ),
    aTenantScope(withSpec({ clients })),
    aTenantScope(ofTenant('globex'), withSpec({ clients, withdrawalDelay: seconds(25) })),
    ...['acme', 'globex'].map((tenant) => ({
      ...{ apiVersion: 'v1', kind: 'Namespace' },
      metadata: { name: `${tenant}-prod`, labels: { tenant } },
    })),
    ...['acme-prod', 'globex-prod'].map((namespace) => ({
      ...{ apiVersion: 'v1', kind: 'ServiceAccount' },
      metadata: { namespace, name: 'billing', uid: `uid-${namespace}` },
    })),
    aClient(byHand, withStatus({}), withMetadata({ creationTimestamp: '2026-02-01T00:00:00Z' })),
    aClient(byHand, withStatus({}), withMetadata({ namespace: 'globex-prod', uid: 'uid-elder' })),
  );
  const said = (): string => cluster.condition('oauthclients', 'billing', 'Allowed');
  await whileRunning(
    cluster,
    () => {
      expect(said()).toMatch(/^False ClientIDTaken/);
      cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'globex-prod', labels: {} } });
    },
    () => expect(said()).toMatch(/^False ClientIDTaken/),
    () => undefined,
  );
  expect(said()).toMatch(/^True/);
});

it('who comes within the quota of its tenant gets its token at once, and is not counted as refused any more', async () => {
  const younger = aBinding(
    withMetadata({ name: 'younger', uid: 'uid-younger', creationTimestamp: '2026-02-01T00:00:00Z' }),
    withSpec({ delivery: { secretRef: { name: 'younger-token' } } }),
  );
  const cluster = aCluster(aTenantScope(withSpec({ bindings: { max: 1 } })), younger, aBinding());
  const refused = (): unknown =>
    cluster.kube.find<KubeObject & { status?: { refused?: unknown } }>('tenantscopes', { name: 'acme' })
      ?.status?.refused;
  await whileRunning(cluster, () => {
    expect(refused()).toEqual([{ reason: 'QuotaExceeded', clients: 0, bindings: 1 }]);
    expect(cluster.secret('billing-token')).toBeDefined();
    expect(cluster.condition('workloadidentitybindings', 'younger')).toBe(
      'False QuotaExceeded: metadata.namespace: TenantScope acme allows 1 bindings, and there are as many older ones',
    );
    cluster.kube.remove('workloadidentitybindings', { namespace: 'acme-prod', name: 'billing-api' });
  });
  expect(cluster.secret('younger-token')).toBeDefined();
  expect(refused()).toBeUndefined();
});

it('a TenantScope tells what its clients hold once they are registered', async () => {
  const cluster = aCluster();
  await whileRunning(cluster);
  const scope = cluster.kube.find<KubeObject & Pick<TenantScope, 'status'>>('tenantscopes', { name: 'acme' });
  expect(scope?.status?.held).toEqual({
    scopes: ['invoices.read', 'invoices.write'],
    audiences: ['https://api.example'],
    roles: ['biller'],
  });
});

it('looks at clients that became due take no turn from what somebody changed', async () => {
  const { clock, environment } = await aReadyCluster();
  const metrics = recordingMetrics();
  createControllers(environment, { clock, rng: new FakeRng(), log: recordingLog(), metrics });
  environment.looks.hasten('uid-billing', 'acme-prod/billing');
  expect(metrics.values['workqueue_depth{oauthclient,due}']).toBe(1);
});
