import type { PodRef } from '../domain/volume-facts.ts';
import { isDNSLabel } from '../std/dns-label.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Unread } from './protobuf.ts';
import type { FileAccess } from './volumes.ts';

/** What the kubelet adds to the attributes of a volume; it replaces what an author wrote under these names. */
export const fromKubelet = {
  podName: 'csi.storage.k8s.io/pod.name',
  podNamespace: 'csi.storage.k8s.io/pod.namespace',
  podUID: 'csi.storage.k8s.io/pod.uid',
  serviceAccountName: 'csi.storage.k8s.io/serviceAccount.name',
  ephemeral: 'csi.storage.k8s.io/ephemeral',
  tokens: 'csi.storage.k8s.io/serviceAccount.tokens',
} as const;

/** What the author of a pod may write into `volumeAttributes`. */
const fromAuthor = ['binding', 'fileMode', 'group'];

export interface VolumeAttributes {
  readonly pod: PodRef;
  readonly binding: string;
  readonly access: FileAccess;
}

/** Reads `volume_context` but for the tokens. `mountGroup` is the fsGroup of the pod, if it has one. */
export function parseVolumeAttributes(
  context: ReadonlyMap<string, Unread>,
  mountGroup: string,
): Result<VolumeAttributes, string> {
  // Some of it may be a token that an author has put into the wrong place: names are told, and only names.
  const known = new Set<string>([...Object.values(fromKubelet), ...fromAuthor]);
  const unknown = [...context.keys()].find((name) => !known.has(name));
  if (unknown !== undefined)
    return err(`volumeAttributes has ${quoted(unknown)}, which is none of ${fromAuthor.join(', ')}`);
  const value = (name: string): string => context.get(name)?.reveal().text ?? '';

  if (value(fromKubelet.ephemeral) !== 'true')
    return err(
      'a volume of this driver is written inline in a pod (csi, not a PersistentVolume), and its CSIDriver has podInfoOnMount',
    );
  const pod: PodRef = {
    namespace: value(fromKubelet.podNamespace),
    name: value(fromKubelet.podName),
    uid: value(fromKubelet.podUID),
    serviceAccountName: value(fromKubelet.serviceAccountName),
  };
  if (
    !isDNSLabel(pod.namespace) ||
    !isSubdomain(pod.name) ||
    !isUID(pod.uid) ||
    !isSubdomain(pod.serviceAccountName)
  )
    return err('the kubelet did not say which pod the volume is for; the CSIDriver needs podInfoOnMount');

  const binding = value('binding');
  if (binding === '')
    return err(
      'volumeAttributes needs binding: the name of a WorkloadIdentityBinding in the namespace of the pod',
    );
  if (!isSubdomain(binding))
    return err('binding in volumeAttributes is no name of a WorkloadIdentityBinding');

  const access = parseAccess(
    context.get('fileMode')?.reveal().text,
    context.get('group')?.reveal().text ?? mountGroup,
  );
  return access.ok ? ok({ pod, binding, access: access.value }) : access;
}

/** Files are readable by all who can enter the volume, or by a group if there is one; never more than readable. */
function parseAccess(fileMode: string | undefined, groupID: string): Result<FileAccess, string> {
  const group = groupID === '' ? undefined : Number(groupID);
  if (group !== undefined && (!/^\d{1,10}$/.test(groupID) || group > 2 ** 32 - 2))
    return err('group in volumeAttributes, or the fsGroup of the pod, is no group id');
  if (fileMode === undefined) return ok({ mode: group === undefined ? 0o444 : 0o440, group });
  const mode = Number.parseInt(fileMode, 8);
  if (!/^0?[0-7]{3}$/.test(fileMode) || (mode & 0o400) === 0 || (mode & ~0o444) !== 0)
    return err(
      'fileMode in volumeAttributes is one of "0400", "0440", "0404" and "0444": files are read, by owner, group or others',
    );
  return ok({ mode, group });
}

/** A name that somebody wrote, fit for a message. */
const quoted = (name: string): string => JSON.stringify(name.slice(0, 64).replace(/[^\x20-\x7e]/g, '?'));

const isSubdomain = (text: string): boolean =>
  text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text);
const isUID = (text: string): boolean => /^[A-Za-z0-9][-A-Za-z0-9]{0,63}$/.test(text);
