import type { Release } from '../cluster/release.ts';
import type { Manifest } from './manifests.ts';

/** Manifests of deploy/ as API servers of a release take them: the chart asks for the version and leaves out what is newer. */
export const takenBy = (release: Release, manifests: readonly Manifest[]): readonly Manifest[] =>
  release === 'newest' ? manifests : manifests.map(withoutWhatIsNewer);

function withoutWhatIsNewer(manifest: Manifest): Manifest {
  if (manifest.kind !== 'CSIDriver') return manifest;
  // Known from 1.35 on.
  const { serviceAccountTokenInSecrets: _, ...spec } = { ...manifest.spec } as Record<string, unknown>;
  return { ...manifest, spec };
}
