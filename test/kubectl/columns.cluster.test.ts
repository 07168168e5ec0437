import { beforeAll, describe, expect, test } from 'vitest';
import { kinds } from '../../src/api/kinds.ts';
import { type Kubectl, kubectlOf } from '../cluster/kubectl.ts';
import { look } from '../e2e/look.ts';
import { aBinding, anIssuer, aTenant, audience, aWorkload, forVolumes } from '../e2e/objects.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';

const stage = useStage();
const there = look(stage);

/** Rows of what kubectl prints, by their columns: these begin where their header does, and an empty cell is left out. */
function rowsOf(table: string): Record<string, string>[] {
  const [header = '', ...lines] = table.trimEnd().split('\n');
  const columns = Array.from(header.matchAll(/\S+/g), ({ 0: name, index }) => ({ name, index }));
  return lines.map((line) =>
    Object.fromEntries(
      columns
        .map(({ name, index }, n) => [name, line.slice(index, columns[n + 1]?.index).trim()])
        .filter(([, cell]) => cell !== ''),
    ),
  );
}

describe.runIf(onOwnControlPlane())('kubectl get', () => {
  let kubectl: Kubectl;
  const rows = async (resource: string, ...options: string[]) =>
    rowsOf(await kubectl(['get', resource, '--all-namespaces', ...options]));

  beforeAll(async () => {
    kubectl = kubectlOf(stage.controlPlane);
    await stage.apply([
      anIssuer({ url: stage.issuerURL }),
      ...aTenant('listed'),
      ...aWorkload('listed'),
      aBinding('listed', 'mounted', {
        serviceAccountName: 'api',
        clientRef: { name: 'api' },
        ...forVolumes,
      }),
    ]);
    for (const name of ['api', 'mounted']) await there.until('binding', `listed/${name}`, 'True');
  });

  const AGE = expect.stringMatching(/^\d+s$/);

  test('shows of each kind what people look for', async () => {
    expect(await rows('oauthissuers')).toEqual([
      { NAME: 'main', ISSUER: stage.issuerURL, READY: 'True', REASON: 'Discovered', AGE },
    ]);
    await there.until('tenant', 'listed', 'True');
    expect(await rows('tenantscopes')).toMatchObject([
      {
        NAME: 'listed',
        TENANT: 'listed',
        NAMESPACES: '1',
        SUSPENDED: 'false',
        READY: 'True',
        REASON: 'Resolved',
      },
    ]);
    expect(await rows('oauthclients')).toEqual([
      { NAMESPACE: 'listed', NAME: 'api', ISSUER: 'main', READY: 'True', REASON: 'Ready', AGE },
    ]);
  });

  test('says of a binding in which Secret its token is, and of none that is for volumes', async () => {
    const same = { NAMESPACE: 'listed', CLIENT: 'api', AUDIENCE: audience, READY: 'True', REASON: 'Ready' };
    const found = await rows('workloadidentitybindings');
    expect(found).toMatchObject([
      { ...same, NAME: 'api', SECRET: 'api-token' },
      { ...same, NAME: 'mounted' },
    ]);
    expect(found[1]).not.toHaveProperty('SECRET');
  });

  test('says with -o wide how an issuer takes ServiceAccount tokens, and what a client is called there', async () => {
    expect(await rows('oauthissuers', '--output=wide')).toMatchObject([{ FEDERATION: 'ClientAssertion' }]);
    const { status } = await there.object('client', 'listed/api');
    expect(await rows('oauthclients', '--output=wide')).toMatchObject([{ 'CLIENT-ID': status!.clientID }]);
  });

  test.each(kinds.map(({ plural, columns }) => [plural, columns] as const))(
    'has a text for people in each column of %s',
    async (plural, columns) => {
      const found = await rows(plural, '--output=wide');
      // A binding has a token in a Secret, or in pods, which are counted in a while.
      const wanted = columns
        .map(({ name }) => name.toUpperCase())
        .filter((name) => !['SECRET', 'PODS'].includes(name));
      for (const row of found) {
        expect(Object.keys(row)).toEqual(expect.arrayContaining(['NAME', ...wanted]));
        for (const cell of Object.values(row)) expect(cell).not.toMatch(/[{}[\]]/);
      }
    },
  );
});
