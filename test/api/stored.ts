import type { Manifest } from './examples.ts';

/** A manifest as the API server would store it, for the decoder. */
export const asStored = (manifest: Manifest): unknown => ({
  ...manifest,
  metadata: {
    ...manifest.metadata,
    uid: '5f9d3c1e-0000-4000-8000-000000000000',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
});
