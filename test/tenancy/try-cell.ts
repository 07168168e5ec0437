import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../src/kube/kube-failure.ts';
import type { Stored } from '../../src/kube/objects.ts';
import type { Result } from '../../src/std/result.ts';
import { aServiceAccount, serviceAccountKind } from '../e2e/objects.ts';
import { type Manifest, resourceOf } from '../stage/manifests.ts';
import { type Cell, tenantA } from './answers.ts';
import { bindingOf, clientOf } from './scene.ts';

/** Writes the object of a cell as the tenant would, with what else it needs. */
export async function tryCell(
  as: KubeClient,
  name: string,
  cell: Cell,
  value: string,
): Promise<Result<Stored, KubeFailure>> {
  if (cell.kind === 'OAuthClient') {
    const made = await as.create(serviceAccountKind, aServiceAccount(tenantA, name));
    if (!made.ok) return made;
  }
  const manifest = manifestOf(name, cell, value);
  return as.create(resourceOf(manifest), manifest);
}

/** Each cell has a Secret of its own, and each client a ServiceAccount, unless that is what it is about. */
function manifestOf(name: string, { kind, field, with: rest, beside }: Cell, value: string): Manifest {
  const manifest = structuredClone(kind === 'OAuthClient' ? clientOf(name, rest) : bindingOf(name, rest));
  if (beside !== undefined) put(manifest, field, beside.own);
  put(manifest, beside?.field ?? field, value);
  return manifest;
}

/** `spec.scopes[]` becomes a list with this one entry; what is on the way and not there is made. */
function put(object: object, path: string, value: string): void {
  const members = path.replace('[]', '').split('.');
  const last = members.pop() ?? '';
  let at = object as Record<string, unknown>;
  for (const member of members) {
    at[member] ??= {};
    at = at[member] as Record<string, unknown>;
  }
  at[last] = path.endsWith('[]') ? [value] : value;
}
