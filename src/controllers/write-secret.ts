import type { SecretManifest } from '../delivery/secret-manifest.ts';
import type { ActionFailure } from '../domain/attempt.ts';
import { fromKube } from '../issuance/action-failure.ts';
import { secretKind } from '../kube/core-kinds.ts';
import type { Identity } from '../kube/kube-client.ts';
import type { Stored } from '../kube/objects.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import type { Informer } from '../runtime/informer.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Environment } from './environment.ts';

/**
 * Writes a Secret of ours: the first time as a creation, later with the identity of the one it replaces as precondition, so that
 * nothing of anybody else's is ever overwritten. The answer goes into the cache, so that what is decided next rests on it.
 */
export async function writeSecret(
  { kube }: Pick<Environment, 'kube'>,
  informer: Pick<Informer<never>, 'observe'>,
  manifest: SecretManifest,
  replaces: Identity | undefined,
  { signal }: Pick<ReconcileContext, 'signal'>,
): Promise<Result<Stored, ActionFailure>> {
  const written = replaces
    ? await kube.replace(secretKind, withIdentity(manifest, replaces), { signal })
    : await kube.create(secretKind, manifest, { signal });
  if (written.ok) {
    informer.observe(written.value);
    return written;
  }
  const { namespace, name } = manifest.metadata;
  // `invalid`: somebody made it immutable, or stored another type under its name.
  const foreign = written.error.kind === 'alreadyExists' || written.error.kind === 'invalid';
  return err(foreign ? secretConflict(namespace, name) : fromKube('SecretWriteFailed', written.error));
}

/** A Secret in our way that we leave as it is. Only a person can say what should become of it. */
export const secretConflict = (namespace: string | undefined, name: string): ActionFailure => ({
  reason: 'SecretConflict',
  message: `Secret ${namespace}/${name} exists and is not ours, or may not be changed; delete it, or name another one`,
  retry: 'wait',
});

const withIdentity = (manifest: SecretManifest, { uid, resourceVersion }: Identity) => ({
  ...manifest,
  metadata: { ...manifest.metadata, uid, resourceVersion },
});

/** The outcome without the answer. */
export const outcomeOf = (result: Result<unknown, ActionFailure>): Result<void, ActionFailure> =>
  result.ok ? ok(undefined) : result;
