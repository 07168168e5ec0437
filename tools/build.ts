// Bundles the program into dist/grantor.js, as the image carries it: faster to start and smaller in memory than the sources. What is
// imported when it is needed, as the library for kubeconfigs and the embedded issuer are, lies in files of its own beside it.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.ts';

rmSync('dist', { recursive: true, force: true });

await build({
  entryPoints: ['src/cmd/grantor.ts'],
  outdir: 'dist',
  ...bundleOptions,
});
console.log('dist/grantor.js');
