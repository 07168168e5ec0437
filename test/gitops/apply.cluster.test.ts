import { beforeAll, describe, expect, test } from 'vitest';
import { kubectlOf } from '../cluster/kubectl.ts';
import { kindOf, look } from '../e2e/look.ts';
import { aBinding, anIssuer, aTenant, aWorkload } from '../e2e/objects.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';
import { root } from '../stage/stage.ts';

/** As deployment tools apply: what is theirs is theirs, and a conflict is an error. */
const serverSide = ['apply', '--server-side', '--field-manager=gitops', '-f', '-'];
const listOf = (items: readonly object[]): object => ({ apiVersion: 'v1', kind: 'List', items });

describe.runIf(onOwnControlPlane())('what a deployment tool applied', () => {
  const stage = useStage();
  const see = look(stage);
  const kubectl = (args: readonly string[], input?: object) =>
    kubectlOf(stage.controlPlane, { KUBECTL_APPLYSET: 'true', PATH: process.env['PATH'] ?? '' })(args, input);
  const all = [
    ...aTenant('gitops'),
    ...aWorkload('gitops'),
    aBinding('gitops', 'other', {
      serviceAccountName: 'api',
      clientRef: { name: 'api' },
      delivery: { secretRef: { name: 'other-token' } },
    }),
  ];
  beforeAll(async () => {
    await kubectl(serverSide, listOf([anIssuer({ url: stage.issuerURL }), ...all]));
    await see.until('binding', 'gitops/api', 'True');
    await see.until('binding', 'gitops/other', 'True');
  });

  const generations = async () =>
    Promise.all(
      (['tenant', 'client', 'binding'] as const).map(
        async (kind) =>
          (await see.object(kind, kind === 'tenant' ? 'gitops' : 'gitops/api')).metadata.generation,
      ),
    );

  test('is applied again without a conflict and without a change', async () => {
    const before = await generations();
    await kubectl(serverSide, listOf([anIssuer({ url: stage.issuerURL }), ...all]));
    expect(await generations()).toEqual(before);
    const diff = await kubectl(['diff', '--server-side', '--field-manager=gitops', '-f', '-'], listOf(all));
    expect(diff).toBe('');
  });

  test('is never written by Grantor but for status, finalizers and annotations of its own', async () => {
    for (const [kind, key] of [
      ['issuer', 'main'],
      ['tenant', 'gitops'],
      ['client', 'gitops/api'],
      ['binding', 'gitops/api'],
    ] as const) {
      const { managedFields } = JSON.parse(
        await kubectl(['get', kindOf[kind].plural, ...where(key), '-o', 'json', '--show-managed-fields']),
      ).metadata as { managedFields: Managed[] };
      const ours = managedFields.filter(({ manager }) => manager !== 'gitops');
      expect(ours.length).toBeGreaterThan(0);
      const paths = ours.flatMap(({ fieldsV1 }) => pathsIn(fieldsV1));
      expect(paths.filter((path) => !allowed.some((start) => path.startsWith(start)))).toEqual([]);
      const theirs = managedFields.filter(({ manager }) => manager === 'gitops');
      expect(theirs.map(({ operation }) => operation)).toEqual(['Apply']);
    }
  });

  test('is pruned once it is not in the set any more, with its Secret, and nothing else', async () => {
    const set = [
      'apply',
      '--server-side',
      '--field-manager=gitops',
      '--namespace=gitops',
      '--applyset=configmaps/gitops',
      '--prune',
      '-f',
      '-',
    ];
    const inNamespace = all.filter(({ metadata }) => metadata.namespace === 'gitops');
    await kubectl(set, listOf(inNamespace));
    await kubectl(set, listOf(inNamespace.filter(({ metadata }) => metadata.name !== 'other')));
    await see.gone(kindOf.binding, 'gitops/other');
    expect(await see.secret('gitops/other-token')).toBeUndefined();
    await see.until('binding', 'gitops/api', 'True');
  });

  test('outlives an upgrade of the definitions of its kinds', async () => {
    const before = await generations();
    await kubectl([
      'apply',
      '--server-side',
      '--field-manager=gitops',
      '--force-conflicts',
      '-f',
      `${root}/crds`,
    ]);
    await kubectl(['apply', '--server-side', '--field-manager=gitops', '-f', `${root}/crds`]);
    expect(await generations()).toEqual(before);
    await see.until('binding', 'gitops/api', 'True');
  });
});

interface Managed {
  readonly manager: string;
  readonly operation: string;
  readonly fieldsV1: Fields;
}
type Fields = { readonly [key: string]: Fields };

const allowed = ['status', 'metadata.finalizers', 'metadata.annotations.grantor.dev/'];

const where = (key: string): string[] => {
  const [first = '', second] = key.split('/');
  return second === undefined ? [first] : [second, '-n', first];
};

/** The leaves, as `metadata.annotations.grantor.dev/x`; the items of lists stay together. */
function pathsIn(fields: Fields, at = ''): string[] {
  const below = Object.entries(fields).filter(([key]) => key.startsWith('f:'));
  if (below.length === 0) return [at];
  return below.flatMap(([key, value]) => pathsIn(value, at === '' ? key.slice(2) : `${at}.${key.slice(2)}`));
}
