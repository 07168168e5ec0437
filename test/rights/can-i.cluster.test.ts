import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Reach, rights } from '../../src/cmd/rights.ts';
import { kubectlOf } from '../cluster/kubectl.ts';
import { testControlPlane } from '../cluster/test-cluster.ts';
import { controllerUser, nodeUser, root } from '../stage/stage.ts';
import { canIList, readCanIList } from './can-i.ts';

const controlPlane = testControlPlane();

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
});
