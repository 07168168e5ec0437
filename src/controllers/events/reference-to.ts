import { apiVersionOf, type ResourceKind } from '../../kube/resource-path.ts';
import type { ObjectReference } from '../../runtime/event-object.ts';

/** What an event about this object is about. */
export const referenceTo = (
  kind: ResourceKind,
  { namespace, name, uid }: Omit<ObjectReference, 'apiVersion' | 'kind'>,
): ObjectReference => ({ apiVersion: apiVersionOf(kind), kind: kind.kind, namespace, name, uid });
