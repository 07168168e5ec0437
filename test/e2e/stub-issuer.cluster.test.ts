import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foundPopulation, listBindings, type Population, populationReady } from '../stage/population.ts';
import { type StubIssuer, startStubIssuer } from '../stage/start-stub-issuer.ts';
import { look } from './look.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

const population: Population = {
  name: 'stub',
  issuer: 'stub',
  withClientIDs: true,
  tenants: 2,
  clients: 2,
  lifetime: '5m',
};

describe.runIf(onOwnControlPlane())('the issuer of measurements', () => {
  const stage = useStage();
  const see = look(stage);
  let stub: StubIssuer | undefined;

  beforeAll(async () => {
    stub = await startStubIssuer({ kube: stage.kube, dir: stage.dir, lifetime: 300 });
  });
  afterAll(() => stub?.program.end());

  test('gives tokens that pass every check, of the life that it was told', async () => {
    await foundPopulation(stage.kube, population);
    await populationReady(stage.kube, population);
    expect(await listBindings(stage.kube, population)).toHaveLength(4);
    const { token = '' } = (await see.content('stub-1/c1-token')) ?? {};
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    expect(claims).toMatchObject({ iss: stub?.url, client_id: 'stub-1-c1', tenant_id: 'stub-1' });
    expect(claims.exp - claims.iat).toBe(300);
  });
});
