import { err, ok, type Result } from '../std/result.ts';
import type { CallOptions, KubeClient } from './kube-client.ts';
import type { KubeFailure } from './kube-failure.ts';
import type { KubeObject, Stored } from './objects.ts';
import { expectStored } from './reads.ts';
import { apiVersionOf, collectionPath, objectPath } from './resource-path.ts';
import type { Call, Transport } from './transport.ts';

const mergePatch = 'application/merge-patch+json';
const applyPatch = 'application/apply-patch+yaml';

/** The writing half of `KubeClient`. */
export function createWrites(
  transport: Transport,
  fieldManager: string,
): Pick<KubeClient, 'create' | 'replace' | 'patchMetadata' | 'apply' | 'applyStatus' | 'delete'> {
  const write = async <T extends KubeObject>(
    method: Call['method'],
    path: Result<string, KubeFailure>,
    body: unknown,
    options: CallOptions = {},
    contentType = 'application/json',
  ): Promise<Result<Stored<T>, KubeFailure>> => {
    if (!path.ok) return path;
    const force = contentType === applyPatch ? 'true' : undefined;
    const query = { fieldManager, fieldValidation: 'Strict', force };
    const answer = await transport.call({ method, path: path.value, query, body, contentType, ...options });
    return expectStored<T>(answer, path.value);
  };

  return {
    create: (kind, object, options) =>
      write('POST', collectionPath(kind, object.metadata.namespace), object, options),

    async replace(kind, object, options) {
      // The types say so too, but without its precondition a PUT would overwrite what someone else has just written.
      if (!object.metadata.uid || !object.metadata.resourceVersion) {
        return err({
          kind: 'invalid',
          message: `${kind.plural} "${object.metadata.name}": replace needs uid and resourceVersion`,
        });
      }
      return write('PUT', objectPath(kind, object.metadata), object, options);
    },

    patchMetadata: (kind, at, metadata, options) => {
      const { uid, resourceVersion } = at;
      return write(
        'PATCH',
        objectPath(kind, at),
        { metadata: { ...metadata, uid, resourceVersion } },
        options,
        mergePatch,
      );
    },

    apply: (kind, object, options) =>
      write('PATCH', objectPath(kind, object.metadata), object, options, applyPatch),

    applyStatus: (kind, at, status, options) => {
      const { name, namespace, resourceVersion } = at;
      const metadata = { name, namespace, resourceVersion };
      const body = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, status };
      return write('PATCH', objectPath(kind, at, 'status'), body, options, applyPatch);
    },

    async delete(kind, at, { uid, resourceVersion, propagation, ...options }) {
      const path = objectPath(kind, at);
      if (!path.ok) return path;
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid, resourceVersion },
        propagationPolicy: propagation,
      };
      const answer = await transport.call({ method: 'DELETE', path: path.value, body, ...options });
      return answer.ok ? ok(undefined) : answer;
    },
  };
}
