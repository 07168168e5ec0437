import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyManifests, type Manifest, readManifests } from '../stage/manifests.ts';
import { root } from '../stage/stage.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const definitions = readManifests(`${root}/crds`);

/** As an earlier version with a looser schema might have been. */
function loosened(definition: Manifest): Manifest {
  const loose = structuredClone(definition) as Manifest & {
    spec: { versions: { schema: { openAPIV3Schema: { properties: Record<string, unknown> } } }[] };
  };
  for (const { schema } of loose.spec.versions) {
    const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    Object.assign(schema.openAPIV3Schema.properties, { spec: anything, status: anything });
  }
  return loose;
}

describe.runIf(onOwnControlPlane())('an object that was stored under a looser definition', () => {
  const stage = useStage();
  const see = look(stage);
  const tenant = 'malformed';

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(tenant), ...aWorkload(tenant)]);
    await see.until('binding', `${tenant}/api`, 'True');
  });
  afterAll(() => applyManifests(stage.kube, definitions));

  test('regression 21: only that object suffers, and it or the log says so', async () => {
    await applyManifests(stage.kube, definitions.map(loosened));
    const [, badClient, badBinding] = aWorkload(tenant, 'bad', {
      client: { scopes: 'orders.read', accessTokenLifetime: 'soon' },
      binding: { token: 7 },
    });
    const badTenant = { ...aTenant('broken')[1]!, spec: { tenantID: 'broken', namespaceSelector: 'all' } };
    const badIssuer = {
      ...anIssuer({ name: 'broken', url: 'https://broken.example' }),
      spec: { issuer: 12 },
    };
    const bad = [badClient!, badBinding!, badTenant, badIssuer] as Manifest[];
    // The API server takes up a changed schema a moment after it was stored.
    await expect
      .poll(() => applyManifests(stage.kube, bad).then(() => 'stored', String), { timeout: 10_000 })
      .toBe('stored');
    await applyManifests(stage.kube, definitions);

    for (const { kind, metadata } of bad) {
      await expect
        .poll(() => saidAbout(kind, metadata), { timeout: 10_000, message: `${kind} ${metadata.name}` })
        .toBe(true);
    }
    // Everything else goes on: old objects, and new ones of every kind.
    await see.until('binding', `${tenant}/api`, 'True');
    await stage.apply([...aTenant('well-formed'), ...aWorkload('well-formed')]);
    await see.until('binding', 'well-formed/api', 'True');
    expect(stage.controller.program.running).toBe(true);
    // A changed definition ends watches, and the next one may have to begin with a list.
    const ready = async () => (await fetch(`${stage.controller.probes}/readyz`)).text();
    await expect.poll(ready, { timeout: 10_000 }).toBe('ok\n');
  });

  async function saidAbout(kind: string, { namespace, name }: Manifest['metadata']): Promise<boolean> {
    const kindName = {
      OAuthClient: 'client',
      WorkloadIdentityBinding: 'binding',
      TenantScope: 'tenant',
      OAuthIssuer: 'issuer',
    }[kind];
    const key = namespace === undefined ? name : `${namespace}/${name}`;
    const { status } = await see.object(kindName as 'client', key);
    const told = status?.conditions?.some(
      ({ reason, message }) => reason === 'Malformed' && message.includes('spec'),
    );
    return (
      told === true ||
      stage.controller.program
        .log()
        .split('\n')
        .some((line) => line.includes(`"${key}"`) && line.includes('spec'))
    );
  }
});
