import { expect, test } from 'vitest';
import type { Pod } from '../deliveries.ts';
import { chosenPods } from './chosen-pods.ts';

const aPod = (component: string, name: string, { ready = true, restarts = 0 } = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/component': component } },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ restartCount: restarts }],
    },
  }) as Pod;

const named = (count: number, state = {}): Pod[] =>
  Array.from({ length: count }, (_, n) => aPod('node', `${JSON.stringify(state)} ${n}`, state));

const names = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name);

test('of a small cluster nothing is left out', () => {
  const pods = [...named(20), aPod('controller', 'one'), aPod('issuer', 'two')];
  const { chosen, leftOut } = chosenPods(pods);
  expect(new Set(names(chosen))).toEqual(new Set(names(pods)));
  expect(leftOut).toBeUndefined();
});

test('of a thousand nodes those are read that fare worst, and all pods that are on no node alone', () => {
  const controllers = Array.from({ length: 30 }, (_, n) => aPod('controller', `controller ${n}`));
  const [restarted, broken] = [named(3, { restarts: 2 }), named(4, { ready: false })];
  const { chosen, leftOut } = chosenPods([...named(1000), ...restarted, ...broken, ...controllers]);
  expect(names(chosen).slice(0, 30)).toEqual(names(controllers));
  expect(names(chosen).slice(30, 37)).toEqual(names([...broken, ...restarted]));
  expect(chosen).toHaveLength(50);
  expect(leftOut).toMatch(
    /^logs and metrics of 987 more pods of the node plug-in, of which 0 are not ready: /,
  );
});

test('it is told where more are broken than are read', () => {
  expect(chosenPods(named(25, { ready: false })).leftOut).toContain(
    '5 more pods of the node plug-in, of which 5',
  );
});
