import { oauthClientKind } from '../../api/oauth-client.ts';
import { readRegistrationSecret } from '../../delivery/registration-secret.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { IssuerReferences } from '../../domain/plan-issuer.ts';
import { fromKube } from '../../issuance/action-failure.ts';
import { secretKind } from '../../kube/core-kinds.ts';
import type { KubeObject, Stored } from '../../kube/objects.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { keyOf } from '../../runtime/store.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { notCachedYet } from '../client/confirm-absent.ts';
import type { Environment } from '../environment.ts';
import type { World } from '../world.ts';

/** How many refer to an issuer, as far as the caches know. Records that cannot be read may be of any issuer. */
export function issuerReferences(world: World, issuerName: string): IssuerReferences {
  const clients = world.clients.store.byIndex('issuer', issuerName);
  const keys = new Set(clients.map(({ namespace, name }) => keyOf(namespace, name)));
  const left = world.registrations.store
    .byIndex('issuer', issuerName)
    .filter(({ clientKey }) => clientKey === undefined || !keys.has(clientKey));
  const unreadable = [...world.registrations.store.list()].filter(({ problem }) => problem !== undefined);
  return { clients: clients.length, registrations: left.length + unreadable.length };
}

type RawClient = KubeObject & { readonly spec?: { readonly issuerRef?: { readonly name?: unknown } } };

/**
 * An issuer does not go while something refers to it that the caches do not know of yet. They are read anew, once in the life of an
 * issuer; what is found is in the cache afterwards.
 */
export async function confirmUnreferred(
  { kube, world, ownNamespace }: Environment,
  issuerName: string,
  { signal }: Pick<ReconcileContext, 'signal'>,
): Promise<Result<void, ActionFailure>> {
  for await (const page of kube.list<RawClient>(oauthClientKind, { signal })) {
    if (!page.ok) return err(fromKube('Pending', page.error));
    const found = page.value.items.find(({ spec }) => spec?.issuerRef?.name === issuerName);
    if (found === undefined) continue;
    world.clients.observe(found);
    return err(notCachedYet('an OAuthClient'));
  }
  const ours = { namespace: ownNamespace, fieldSelector: 'type=grantor.dev/registration', signal };
  for await (const page of kube.list(secretKind, ours)) {
    if (!page.ok) return err(fromKube('Pending', page.error));
    const found = page.value.items.find((secret) => isOf(secret, issuerName));
    if (found === undefined) continue;
    world.registrations.observe(found);
    return err(notCachedYet('a registration'));
  }
  return ok(undefined);
}

/** Of a record that cannot be read, it cannot be said that it is not. */
function isOf(secret: Stored, issuerName: string): boolean {
  const read = readRegistrationSecret(secret);
  return !read.ok || read.value.issuer === issuerName;
}
