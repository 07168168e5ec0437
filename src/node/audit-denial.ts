import type { VolumeFacts } from '../domain/volume-facts.ts';
import type { VolumeVerdict } from '../domain/volume-verdict.ts';
import type { NodeEnvironment } from './node-environment.ts';
import { auditOfVolume, type Volume } from './volume.ts';

/** Leaves a line when a pod may not have what it mounts: once, however often the kubelet calls, and again when the reason changes. */
export function auditDenial(
  { audit, rng, node }: Pick<NodeEnvironment, 'audit' | 'rng' | 'node'>,
  volume: Volume,
  verdict: VolumeVerdict,
  { binding }: Pick<VolumeFacts, 'binding'>,
): void {
  if (verdict.kind === 'pending') return;
  // A binding that was granted nothing says of no tenant, and a node knows of none.
  const tenantID = volume.state.delivered?.tenantID ?? binding?.status?.grant?.tenantID;
  const reason = verdict.kind === 'granted' ? undefined : verdict.reason;
  if (verdict.kind !== 'granted' && reason !== volume.denied)
    audit({
      act: 'deny',
      outcome: 'success',
      ...auditOfVolume(volume, node),
      correlationID: rng.uuid(),
      ...(tenantID === undefined ? {} : { tenantID }),
      reason: verdict.reason,
      detail: verdict.message,
    });
  volume.denied = reason;
}
