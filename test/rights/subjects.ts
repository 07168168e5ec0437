import { join } from 'node:path';
import { readManifests } from '../stage/manifests.ts';
import { controllerUser, nodeUser, root } from '../stage/stage.ts';
import { declaredRights } from './declared-rights.ts';
import type { Subject } from './judge.ts';

const subject = (file: string, user: string, role: string): Subject => ({
  ...{ user, role },
  rights: declaredRights(readManifests(join(root, 'deploy', file))),
});

/** Every part of Grantor that asks an API server for something, with what its manifest lets it do. */
export const subjects = {
  controller: subject('controller.yaml', controllerUser, 'grantor-controller'),
  node: subject('node.yaml', nodeUser, 'grantor-node'),
} as const;
