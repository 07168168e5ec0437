import { beforeAll, describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds, seconds } from '../../src/std/duration.ts';
import type { Manifest } from '../stage/manifests.ts';
import { applyManifests } from '../stage/manifests.ts';
import { look } from './look.ts';
import { aBinding, aClient, anIssuer, aServiceAccount, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

/** Ages are told in whole seconds. */
const untilOlder = () => sleep(systemClock, milliseconds(1100));

describe.runIf(onOwnControlPlane())('two that want the same', () => {
  const stage = useStage();
  const see = look(stage);

  const metrics = async (): Promise<string> => (await fetch(`${stage.controller.probes}/metrics`)).text();
  /** The OAuthIssuers that anything was sent for. */
  const issuersAsked = async (): Promise<(string | undefined)[]> =>
    [...(await metrics()).matchAll(/^grantor_issuer_requests_total\{issuer="([^"]+)"/gm)].map(
      ([, name]) => name,
    );
  const bindingsLookedAt = async (): Promise<number> => {
    const counts = /^controller_runtime_reconcile_total\{.*workloadidentitybinding.*\} (\d+)/gm;
    return [...(await metrics()).matchAll(counts)].reduce((sum, [, count]) => sum + Number(count), 0);
  };

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL })]);
    await untilOlder();
  });

  test.each<[string, (url: string) => Manifest]>([
    [
      'identifier',
      (url) =>
        anIssuer({
          name: 'same-identifier',
          url,
          spec: { federation: { audience: 'https://another.example' } },
        }),
    ],
    [
      'audience',
      (url) =>
        anIssuer({
          name: 'same-audience',
          url: 'https://elsewhere.example',
          spec: { federation: { audience: url } },
        }),
    ],
  ])('regression 27: of two OAuthIssuers with one %s the oldest stands', async (what, younger) => {
    const manifest = younger(stage.issuerURL);
    await applyManifests(stage.kube, [manifest]);
    expect(await see.until('issuer', manifest.metadata.name, 'False IssuerIdentifierTaken')).toContain(
      'OAuthIssuer main is older',
    );
    const tenant = `two-${what}`;
    await stage.apply([
      ...aTenant(tenant, { issuers: [manifest.metadata.name] }),
      ...aWorkload(tenant, 'api', { client: { issuerRef: { name: manifest.metadata.name } } }),
    ]);
    await see.until('client', `${tenant}/api`, 'False IssuerNotReady');
    await see.until('binding', `${tenant}/api`, 'False ClientNotReady');
    expect(stage.proxy.requestsAbout(tenant)).toEqual([]);
    await see.until('issuer', 'main', 'True');
    // Nothing at all, not even the question what it can do.
    const asked = await issuersAsked();
    expect(asked).toContain('main');
    expect(asked).not.toContain(manifest.metadata.name);
  });

  test('regression 27: of two clients with one ServiceAccount at one issuer the oldest is registered', async () => {
    await stage.apply([...aTenant('two-clients'), aServiceAccount('two-clients'), aClient('two-clients')]);
    await see.until('client', 'two-clients/api', 'True');
    await untilOlder();
    await stage.apply([
      aClient('two-clients', 'second', { authentication: { federated: { serviceAccountName: 'api' } } }),
    ]);
    expect(await see.until('client', 'two-clients/second', 'False ServiceAccountTaken')).toContain(
      'OAuthClient api is older',
    );
    expect(stage.proxy.requestsAbout('two-clients')).toHaveLength(1);
    await see.until('client', 'two-clients/api', 'True');
  });

  test('regression 19: of two bindings that name one Secret the oldest fills it; no token is asked for the other, in no loop', async () => {
    await stage.apply([...aTenant('two-bindings'), ...aWorkload('two-bindings')]);
    await see.until('binding', 'two-bindings/api', 'True');
    const before = await see.secret('two-bindings/api-token');
    await untilOlder();
    await stage.apply([
      aBinding('two-bindings', 'second', {
        serviceAccountName: 'api',
        clientRef: { name: 'api' },
        delivery: { secretRef: { name: 'api-token' } },
      }),
    ]);
    expect(await see.until('binding', 'two-bindings/second', 'False SecretNameTaken')).toContain(
      'WorkloadIdentityBinding api is older',
    );
    expect(await see.secret('two-bindings/api-token')).toEqual(before);
    const lookedAt = await bindingsLookedAt();
    await sleep(systemClock, seconds(3));
    expect((await bindingsLookedAt()) - lookedAt).toBeLessThanOrEqual(1);
    const requests = stage.proxy.requestsAbout('two-bindings').map(({ path }) => path);
    expect(requests).toEqual(['/register', '/token']);
    expect(await see.secret('two-bindings/api-token')).toEqual(before);
  });
});
