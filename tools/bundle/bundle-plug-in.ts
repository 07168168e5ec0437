import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from '../bundle-options.ts';

/** Writes `kubectl grantor` as one file that people put on their PATH. */
export async function bundlePlugIn(outfile: string): Promise<void> {
  await build({
    ...bundleOptions,
    absWorkingDir: join(import.meta.dirname, '../..'),
    entryPoints: ['src/cmd/kubectl-grantor.ts'],
    outfile,
    splitting: false,
    sourcemap: false,
    legalComments: 'none',
  });
  chmodSync(outfile, 0o755);
}
