import type { ActionFailure } from '../domain/attempt.ts';
import { fromKube } from '../issuance/action-failure.ts';
import type { ObjectMeta, Stored } from '../kube/objects.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import { keyOf } from '../runtime/store.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Environment } from './environment.ts';

interface Held {
  readonly kind: ResourceKind;
  readonly metadata: ObjectMeta & { readonly uid: string; readonly resourceVersion: string };
  /** The cache that has to know what became of the object. */
  readonly informer: {
    observe(raw: Stored): void;
    readonly store: { forget(key: string, uid: string): void };
  };
}

/** Puts a finalizer of ours on an object or takes it away; those of others stay. */
export async function setFinalizer(
  { kube }: Pick<Environment, 'kube'>,
  { kind, metadata, informer }: Held,
  finalizer: string,
  wanted: boolean,
  { signal }: Pick<ReconcileContext, 'signal'>,
): Promise<Result<void, ActionFailure>> {
  const others = (metadata.finalizers ?? []).filter((other) => other !== finalizer);
  const finalizers = wanted ? [...others, finalizer] : others;
  const patched = await kube.patchMetadata(kind, metadata, { finalizers }, { signal });
  if (!patched.ok && patched.error.kind !== 'notFound') return err(fromKube('Pending', patched.error));
  // With its last finalizer an object that is being deleted is gone.
  if (patched.ok && finalizers.length > 0) informer.observe(patched.value);
  else informer.store.forget(keyOf(metadata.namespace ?? '', metadata.name), metadata.uid);
  return ok(undefined);
}
