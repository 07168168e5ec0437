import { err, ok, type Result } from '../std/result.ts';
import { type nodePublishVolumeRequest, singleNodeModes } from './csi-messages.ts';
import { parsePodTokens } from './parse-pod-tokens.ts';
import type { ValuesOf } from './protobuf.ts';
import { fromKubelet, parseVolumeAttributes } from './volume-attributes.ts';
import { isTargetPath, isVolumeID } from './volume-paths.ts';
import type { PodToken, PublishRequest } from './volumes.ts';

/**
 * Reads a NodePublishVolume request. What does not fit comes back as one sentence: the kubelet puts it into an event that the owner of the
 * pod reads, so it names fields and never values.
 */
export function parsePublishRequest(
  request: ValuesOf<typeof nodePublishVolumeRequest>,
  podsDirectory: string,
): Result<PublishRequest, string> {
  const { volume_id: volumeID, target_path: targetPath, volume_capability: capability } = request;
  const place = parsePlace(volumeID, targetPath, podsDirectory);
  if (!place.ok) return place;

  if (capability === undefined) return err('volume_capability is missing');
  const { mount, access_mode: accessMode } = capability;
  if (mount === undefined) return err('this driver serves files, no block devices');
  if (!singleNodeModes.includes(accessMode?.mode ?? 0))
    return err('a volume of this driver is on one node, in one pod');
  if (mount.fs_type !== '' || mount.mount_flags.length > 0)
    return err('a volume of this driver has no fsType and no mount flags');

  const attributes = parseVolumeAttributes(request.volume_context, mount.volume_mount_group);
  if (!attributes.ok) return attributes;
  if (!request.readonly) return err('the volume needs readOnly: true');
  const tokens = readTokens(request);
  return tokens.ok ? ok({ volumeID, targetPath, ...attributes.value, tokens: tokens.value }) : tokens;
}

/** What a NodePublishVolume and a NodeUnpublishVolume request have in common. */
export function parsePlace(
  volumeID: string,
  targetPath: string,
  podsDirectory: string,
): Result<void, string> {
  if (volumeID === '') return err('volume_id is missing');
  if (!isVolumeID(volumeID)) return err('volume_id is none that a kubelet gives');
  if (targetPath === '') return err('target_path is missing');
  if (!isTargetPath(targetPath, podsDirectory))
    return err(
      `target_path is not below ${podsDirectory}; --kubelet-dir has to be the folder of the kubelet`,
    );
  return ok(undefined);
}

/** Kubelets from 1.35 on bring tokens as secrets if the CSIDriver says so, and all others among the attributes. */
function readTokens({
  secrets,
  volume_context: context,
}: ValuesOf<typeof nodePublishVolumeRequest>): Result<ReadonlyMap<string, PodToken>, string> {
  const inSecrets = secrets.get(fromKubelet.tokens);
  const inContext = context.get(fromKubelet.tokens);
  // No kubelet brings both: the attribute is the author's.
  if (inSecrets !== undefined && inContext !== undefined)
    return err(`volumeAttributes has "${fromKubelet.tokens}", which is for the kubelet alone`);
  if ([...secrets.keys()].some((name) => name !== fromKubelet.tokens))
    return err('a volume of this driver has no nodePublishSecretRef');
  const tokens = inSecrets ?? inContext;
  return tokens === undefined ? ok(new Map()) : parsePodTokens(tokens);
}
