import { describe, expect, test } from 'vitest';
import { look } from '../e2e/look.ts';
import { anIssuer, aTenant, aWorkload } from '../e2e/objects.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';
import { audienceList, installAudience } from '../stage/audiences.ts';
import { applyManifests } from '../stage/manifests.ts';

describe.runIf(onOwnControlPlane())('an OAuthIssuer whose audience is not installed', () => {
  const stage = useStage();
  const see = look(stage);
  const tenant = 'not-installed';

  test('is asked for no token; its bindings name the list, and become ready once it is there', async () => {
    await applyManifests(stage.kube, [audienceList({})]);
    await stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(tenant), ...aWorkload(tenant)]);
    const said = await see.until('binding', `${tenant}/api`, 'False TokenRequestFailed');
    expect(said).toContain('the values of ConfigMap grantor-system/grantor-audiences');
    expect(stage.proxy.requestsAbout(tenant).map(({ path }) => path)).toEqual(['/register']);
    await installAudience(stage.kube, 'stage', stage.issuerURL);
    await see.until('binding', `${tenant}/api`, 'True', { within: 40_000 });
  });
});
