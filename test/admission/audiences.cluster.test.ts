import { describe, expect, test } from 'vitest';
import { awaitRequest, selectRequests } from '../cluster/audit-log.ts';
import { look } from '../e2e/look.ts';
import { anIssuer, aTenant, aWorkload } from '../e2e/objects.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';
import { audienceList, installAudience } from '../stage/audiences.ts';
import { applyManifests } from '../stage/manifests.ts';
import { controllerUser } from '../stage/stage.ts';

describe.runIf(onOwnControlPlane())('an OAuthIssuer whose audience is not installed', () => {
  const stage = useStage();
  const see = look(stage);
  const tenant = 'not-installed';

  test('says so and is asked for no token, nor is the API server; both become ready within seconds of the list', async () => {
    await applyManifests(stage.kube, [audienceList({})]);
    await stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(tenant), ...aWorkload(tenant)]);
    const missing = `the audience ${stage.issuerURL} of OAuthIssuer main is not among the values of ConfigMap grantor-audiences`;
    expect(await see.until('issuer', 'main', 'False AudienceNotInstalled')).toContain(missing);
    expect(await see.until('binding', `${tenant}/api`, 'False AudienceNotInstalled')).toContain(missing);
    expect(stage.proxy.requestsAbout(tenant).map(({ path }) => path)).toEqual(['/register']);
    await installAudience(stage.kube, 'stage', stage.issuerURL);
    await see.until('binding', `${tenant}/api`, 'True', { within: 5000 });
    await see.until('issuer', 'main', 'True');
    // One that was made before would have been refused, and tried again much later.
    const requests = { user: controllerUser, namespace: tenant, resource: 'serviceaccounts' };
    const { events } = await awaitRequest(stage.controlPlane.auditLog, requests);
    expect(selectRequests(events, requests).length).toBe(1);
  });

  test('that is taken off the list says so too; what was delivered stays until its end', async () => {
    const before = await see.content(`${tenant}/api-token`);
    expect(before?.['token']).toBeDefined();
    await installAudience(stage.kube, 'stage', 'https://other.example');
    await see.until('issuer', 'main', 'False AudienceNotInstalled', { within: 5000 });
    await see.until('binding', `${tenant}/api`, 'True');
    expect(await see.content(`${tenant}/api-token`)).toEqual(before);
    await installAudience(stage.kube, 'stage', stage.issuerURL);
    await see.until('issuer', 'main', 'True', { within: 5000 });
  });
});
