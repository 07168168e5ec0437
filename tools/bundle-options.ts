import type { BuildOptions } from 'esbuild';

/** How the program is bundled. */
export const bundleOptions = {
  bundle: true,
  splitting: true,
  // The text of a program stays in memory; its names are left as they are: for stack traces, and because oidc-provider looks up
  // the lifetime of a token by the name of its class.
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  legalComments: 'linked',
  // CommonJS dependencies call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;
