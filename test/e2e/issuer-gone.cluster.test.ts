import { beforeAll, describe, expect, test } from 'vitest';
import { kindOf, look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

describe.runIf(onOwnControlPlane())('an OAuthIssuer that is deleted', () => {
  const stage = useStage();
  const see = look(stage);

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL })]);
  });

  test('goes at once while nobody has clients there, and can be made anew', async () => {
    await see.until('issuer', 'main', 'True');
    await see.remove(kindOf.issuer, 'main');
    await see.gone(kindOf.issuer, 'main');
    await stage.apply([anIssuer({ url: stage.issuerURL })]);
    await see.until('issuer', 'main', 'True');
  });

  test('stays while clients refer to it, gives no more tokens, and goes with the last of them', async () => {
    const tenants = ['leaving-one', 'leaving-two'];
    for (const tenant of tenants) await stage.apply([...aTenant(tenant), ...aWorkload(tenant)]);
    for (const tenant of tenants) await see.until('binding', `${tenant}/api`, 'True');

    await see.remove(kindOf.issuer, 'main');
    const told = await see.until('issuer', 'main', 'False IssuerGoing');
    expect(told).toContain('OAuthClients (2)');
    for (const tenant of tenants) {
      expect(told).not.toContain(tenant);
      await see.until('binding', `${tenant}/api`, 'False IssuerGoing');
      await see.until('client', `${tenant}/api`, 'False IssuerGoing');
      expect(await see.secret(`${tenant}/api-token`)).toBeUndefined();
    }

    // Each is deregistered, which would be beyond anybody without the OAuthIssuer.
    await see.remove(kindOf.client, 'leaving-one/api');
    await see.gone(kindOf.client, 'leaving-one/api');
    await see.until('issuer', 'main', /OAuthClients \(1\)/);
    await see.remove(kindOf.client, 'leaving-two/api');
    await see.gone(kindOf.client, 'leaving-two/api');
    await see.gone(kindOf.issuer, 'main');
    const deregistered = tenants.map((tenant) =>
      stage.proxy
        .requestsAbout(tenant)
        .filter(({ method }) => method === 'DELETE')
        .map(({ path }) => (path.endsWith('/tokens') ? 'its tokens' : 'itself')),
    );
    for (const deletions of deregistered) expect(deletions).toEqual(['its tokens', 'itself']);
  });
});
