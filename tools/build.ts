// Bundles the program into dist/grantor.js, as the image carries it: faster to start and smaller in memory than the sources.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/cmd/grantor.ts'],
  outfile: 'dist/grantor.js',
  bundle: true,
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
