// Bundles the program into dist/grantor.js, as the image carries it: faster to start and smaller in memory than the sources. What is
// imported when it is needed, as the library for kubeconfigs and the embedded issuer are, lies in files of its own beside it.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });

await build({
  entryPoints: ['src/cmd/grantor.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  // The text of a program stays in memory; its names are left as they are, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  legalComments: 'linked',
  // CommonJS dependencies call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
console.log('dist/grantor.js');
