import { beforeAll, describe, expect, test } from 'vitest';
import { resourceOf } from '../stage/manifests.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const tenantScope = resourceOf({ apiVersion: 'grantor.dev/v1alpha1', kind: 'TenantScope' });

describe.runIf(onOwnControlPlane())('two TenantScopes that want the same', () => {
  const stage = useStage();
  const see = look(stage);

  beforeAll(() => stage.apply([anIssuer({ url: stage.issuerURL })]));

  test('namespace have neither: both say so, and all that is in it; when one goes, all is as it was', async () => {
    await stage.apply([...aTenant('torn'), ...aWorkload('torn')]);
    await see.until('binding', 'torn/api', 'True');
    const clientID = await see.clientID('torn/api');

    const [, rival] = aTenant('rival', { spec: { namespaceSelector: { matchLabels: { tenant: 'torn' } } } });
    await stage.apply([rival!]);
    const said =
      /^False TenantScopeOverlap: metadata.namespace: TenantScopes rival, torn all select namespace torn/;
    await see.until('client', 'torn/api', said);
    await see.until('binding', 'torn/api', said);
    for (const scope of ['torn', 'rival'])
      await see.until('tenant', scope, 'False TenantScopeOverlap: other TenantScopes also select: torn');
    await expect.poll(() => see.secret('torn/api-token')).toBeUndefined();

    await see.remove(tenantScope, 'rival');
    await see.until('binding', 'torn/api', 'True');
    await see.until('tenant', 'torn', 'True');
    expect(await see.clientID('torn/api')).toBe(clientID);
    expect(await see.content('torn/api-token')).toHaveProperty('token');
  });

  test('tenantID are not both in force: the younger is void, and all in its namespaces say so', async () => {
    await stage.apply([...aTenant('original'), ...aWorkload('original')]);
    await see.until('binding', 'original/api', 'True');
    // Ages are told in whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const claims = { requiredClaims: { tenant_id: 'original' } };
    await stage.apply([
      ...aTenant('double', { tokens: claims, spec: { tenantID: 'original' } }),
      ...aWorkload('double'),
    ]);
    const said =
      'False TenantIDTaken: metadata.namespace: TenantScope double is void: an older one has the same tenantID';
    expect(await see.until('client', 'double/api', 'False TenantIDTaken')).toBe(said);
    expect(await see.until('binding', 'double/api', 'False TenantIDTaken')).toContain(said);
    await see.until('tenant', 'double', 'False TenantIDTaken');
    await see.until('binding', 'original/api', 'True');
    expect(stage.proxy.requestsAbout('double')).toEqual([]);
  });
});
