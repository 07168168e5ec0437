import { isFalse } from '../domain/condition.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import type { Informer } from '../runtime/informer.ts';
import type { Environment } from './environment.ts';
import type { Kept } from './kept.ts';
import type { ReconcilerParts } from './reconciler.ts';
import { writeStatus } from './write-status.ts';

/** How the controllers of our kinds deal with an object that cannot be read: its status says so. */
export const malformedParts = <T>(
  environment: Environment,
  kind: ResourceKind,
  informer: Informer<Kept<T>, string>,
): Pick<ReconcilerParts<never, never, never>, 'malformed' | 'tellMalformed'> => ({
  malformed: (key) => informer.store.get(key)?.malformed,
  tellMalformed: (object, context) =>
    writeStatus(
      environment,
      { kind, object, informer, conditions: [isFalse('Ready', 'Malformed', object.problem)] },
      context,
    ),
});
