import { rights } from '../../src/cmd/rights.ts';
import { controllerUser, nodeUser } from '../stage/stage.ts';
import { declaredRights } from './declared-rights.ts';
import type { Subject } from './judge.ts';

/** Every part of Grantor that asks an API server for something in the tests, with what it declares that it may do. */
export const subjects: Readonly<Record<'controller' | 'node', Subject>> = {
  controller: {
    user: controllerUser,
    role: 'grantor-controller',
    rights: declaredRights(rights.controller),
  },
  node: { user: nodeUser, role: 'grantor-node', rights: declaredRights(rights.node) },
};
