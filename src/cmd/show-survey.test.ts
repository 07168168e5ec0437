import { expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { aReadyCluster } from '../../test/gen/a-cluster.ts';
import { aTenantScope, withSpec } from '../../test/gen/objects.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { seconds } from '../std/duration.ts';
import { grantorMetrics } from '../telemetry/grantor-metrics.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { showSurvey } from './show-survey.ts';

test('the metrics follow what there is, and what there is no more of is 0', async () => {
  const cluster = await aReadyCluster();
  await cluster.binding();
  const metrics = createMetrics(grantorMetrics);
  const clock = new FakeClock();
  const stop = new AbortController();
  const shown = showSurvey(cluster.world, { clock, metrics }, stop.signal);
  const page = async () => (await metrics.page()).body;

  expect(await page()).not.toContain('grantor_objects{');
  await clock.advance(seconds(15));
  expect(await page()).toContain(
    'grantor_objects{kind="WorkloadIdentityBinding",ready="True",reason="Ready"} 1',
  );
  cluster.put(aTenantScope(withSpec<TenantScope>({ suspend: true })));
  for (let turn = 0; turn < 3; turn++) await cluster.binding();
  await clock.advance(seconds(15));
  expect(await page()).toContain(
    'grantor_objects{kind="WorkloadIdentityBinding",ready="True",reason="Ready"} 0',
  );
  expect(await page()).toContain('ready="False",reason="Suspended"} 1');

  stop.abort();
  await shown;
  expect(clock.pending).toBe(0);
});

test('an issuer that is gone is not shown as one that is not ready', async () => {
  const cluster = await aReadyCluster();
  await cluster.issuer();
  const metrics = createMetrics(grantorMetrics);
  const clock = new FakeClock();
  const stop = new AbortController();
  const shown = showSurvey(cluster.world, { clock, metrics }, stop.signal);
  const page = async () => (await metrics.page()).body;

  await clock.advance(seconds(15));
  expect(await page()).toContain('grantor_issuer_ready{issuer="login"} 1');
  const { store } = cluster.world.issuers;
  for (const { name, uid } of [...store.list()]) store.forget(name, uid);
  await clock.advance(seconds(15));
  expect(await page()).not.toContain('grantor_issuer_ready{');

  stop.abort();
  await shown;
});
