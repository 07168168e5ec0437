import { kindOf, type look } from '../e2e/look.ts';
import { aWorkload, secretKind, serviceAccountKind } from '../e2e/objects.ts';
import type { TestStage } from '../e2e/use-stage.ts';

/** Something that comes, something that changes and something that goes, to be noticed in spite of a fault. */
export interface Changes {
  make(): Promise<void>;
  /** Waits until all of it was acted upon. */
  noticed(within?: number): Promise<void>;
}

/** Puts in place what will change and go. `name` keeps the changes of one fault apart from others'. */
export async function prepareChanges(
  stage: TestStage,
  see: ReturnType<typeof look>,
  namespace: string,
  name: string,
): Promise<Changes> {
  const [comes, loses, goes] = [`${name}-comes`, `${name}-loses`, `${name}-goes`];
  await stage.apply([...aWorkload(namespace, loses), ...aWorkload(namespace, goes)]);
  await see.until('binding', `${namespace}/${loses}`, 'True', { within: 30_000 });
  await see.until('binding', `${namespace}/${goes}`, 'True', { within: 30_000 });
  return {
    async make() {
      await stage.apply(aWorkload(namespace, comes));
      await see.remove(serviceAccountKind, `${namespace}/${loses}`);
      await see.remove(kindOf.binding, `${namespace}/${goes}`);
    },
    async noticed(within = 10_000) {
      await see.until('binding', `${namespace}/${comes}`, 'True', { within });
      await see.until('binding', `${namespace}/${loses}`, 'False ServiceAccountNotFound', { within });
      await see.gone(secretKind, `${namespace}/${goes}-token`);
    },
  };
}
