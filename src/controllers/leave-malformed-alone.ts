import { isFalse } from '../domain/condition.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import type { Informer } from '../runtime/informer.ts';
import type { Kept } from '../world/kept.ts';
import type { Environment } from './environment.ts';
import type { ReconcilerParts } from './reconciler.ts';
import { writeStatus } from './write-status.ts';

/** Nothing is decided about an object that cannot be read: its status says what is wrong with it. */
export const leaveMalformedAlone = <T>(
  environment: Environment,
  kind: ResourceKind,
  informer: Informer<Kept<T>, string>,
): NonNullable<ReconcilerParts<never, never, never>['malformed']> => ({
  find: (key) => informer.store.get(key)?.malformed,
  tell: (object, context) =>
    writeStatus(
      environment,
      { kind, object, informer, conditions: [isFalse('Ready', 'Malformed', object.problem)] },
      context,
    ),
});
