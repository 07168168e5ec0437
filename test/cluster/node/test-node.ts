import { inject } from 'vitest';
import { testControlPlane } from '../test-cluster.ts';
import { type ClusterNode, openNode } from './node.ts';

/** The run's node; undefined where none can be had: then its tests skip themselves. */
export function testNode(): ClusterNode | undefined {
  const name = inject('node');
  const controlPlane = testControlPlane();
  return name === null || controlPlane === undefined ? undefined : openNode(controlPlane.dir, name);
}
