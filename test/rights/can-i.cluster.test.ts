import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Reach, type Rule, rights } from '../../src/cmd/rights.ts';
import { renderChart } from '../chart/render-chart.ts';
import { valueSets } from '../chart/value-sets.ts';
import { kubectlOf } from '../cluster/kubectl.ts';
import { testControlPlane } from '../cluster/test-cluster.ts';
import { goToolIfAny } from '../provision/go-tool.ts';
import { type Manifest, parseManifests } from '../stage/manifests.ts';
import { controllerUser, nodeUser, root } from '../stage/stage.ts';
import { helm } from '../tools/helm/helm.ts';
import { canIList, readCanIList } from './can-i.ts';

const controlPlane = testControlPlane();
const helmProgram = await goToolIfAny(helm);

/** As much as is looked at of what binds roles to somebody, and of roles. */
interface RoleManifest extends Manifest {
  readonly subjects?: readonly { readonly name: string }[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly rules?: readonly Omit<Rule, 'because'>[];
}

describe.runIf(controlPlane !== undefined)('kubectl auth can-i --list', () => {
  const kubectl = kubectlOf(controlPlane!);
  const listOf = async (user: string, namespace: string): Promise<Set<string>> =>
    readCanIList(await kubectl(['auth', 'can-i', '--list', `--namespace=${namespace}`, `--as=${user}`]));
  beforeAll(async () => {
    const files = ['controller.yaml', 'node.yaml'].map((file) => `--filename=${join(root, 'deploy', file)}`);
    await kubectl(['apply', '--server-side', '--force-conflicts', ...files]);
  });

  test.each<[string, string, string, object, Reach[]]>([
    ['the controller', 'grantor-system', controllerUser, rights.controller, ['cluster', 'own', 'delivery']],
    ['the controller', 'default', controllerUser, rights.controller, ['cluster', 'delivery']],
    ['a node', 'grantor-system', nodeUser, rights.node, ['cluster', 'own']],
    ['a node', 'default', nodeUser, rights.node, ['cluster']],
  ])(
    'prints for %s, in %s, what it declares and what everybody has',
    async (_, namespace, user, rules, reaches) => {
      const anybody = await listOf('system:serviceaccount:default:anybody', namespace);
      const declared = canIList(rules, new Set(reaches));
      expect(declared.size).toBeGreaterThan(5);
      expect(await listOf(user, namespace)).toEqual(new Set([...anybody, ...declared]));
    },
  );

  // It is in the chart alone, so its roles are taken from there. What it needs everybody may do on most clusters, so the list by itself
  // would not notice that it lacks its role.
  test.skipIf(helmProgram === undefined)(
    'prints for the embedded issuer no more than what it declares and what everybody has',
    async () => {
      const rendered: readonly RoleManifest[] = parseManifests(
        renderChart(helmProgram!, { values: valueSets['the embedded issuer'] }),
      );
      const bindings = rendered.filter(({ subjects }) =>
        subjects?.some(({ name }) => name === 'grantor-issuer'),
      );
      const roles = rendered.filter(({ kind, metadata }) =>
        bindings.some(({ roleRef }) => roleRef?.kind === kind && roleRef.name === metadata.name),
      );
      const because = '';
      const given = roles.flatMap(({ rules = [] }) => rules.map((rule) => ({ ...rule, because })));
      const declared = canIList(rights.issuer, new Set(['cluster']));
      expect(canIList({ cluster: given }, new Set(['cluster']))).toEqual(declared);

      const list = { apiVersion: 'v1', kind: 'List', items: [...roles, ...bindings] };
      await kubectl(['apply', '--server-side', '--filename=-'], list);
      try {
        for (const namespace of ['grantor-system', 'default']) {
          const anybody = await listOf('system:serviceaccount:default:anybody', namespace);
          const issuer = await listOf('system:serviceaccount:grantor-system:grantor-issuer', namespace);
          expect(issuer).toEqual(new Set([...anybody, ...declared]));
        }
      } finally {
        await kubectl(['delete', '--filename=-'], list);
      }
    },
  );
});
