import { join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';

/** Packages, and a part of one, of which the bundle has other files than the sources: less of them, and so less to load and to keep. */
const replaced: Readonly<Record<string, string>> = {
  undici: 'undici.cjs',
  '@grpc/proto-loader': 'nothing.cjs',
  '@kubernetes/client-node': 'client-node.js',
  './gen/index.js': 'nothing.cjs',
  './machine-id/getMachineId.mjs': 'nothing.cjs',
};

const replacePackages: Plugin = {
  name: 'replace-packages',
  setup(build) {
    for (const [name, file] of Object.entries(replaced))
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({
        path: join(import.meta.dirname, 'bundle', file),
      }));
  },
};

/** How the program is bundled. */
export const bundleOptions = {
  bundle: true,
  plugins: [replacePackages],
  splitting: true,
  // The text of a program stays in memory; its names are left as they are: for stack traces, and because oidc-provider looks up
  // the lifetime of a token by the name of its class.
  minifyWhitespace: true,
  minifySyntax: true,
  keepNames: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // For stack traces of those who start Node with --enable-source-maps; the sources themselves are a tag away.
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  // CommonJS dependencies call require() for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;
