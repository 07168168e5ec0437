import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { bundleOptions } from './bundle-options.ts';

const root = join(import.meta.dirname, '..');

it('leaves classes their names: without them, oidc-provider gives tokens that never end', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'grantor-bundle-'));
  try {
    await build({
      ...bundleOptions,
      outdir,
      sourcemap: false,
      stdin: {
        contents: `import Provider from 'oidc-provider';
          export const name = new Provider('https://issuer.example').ClientCredentials.name;`,
        resolveDir: root,
      },
    });
    const bundle = (await import(pathToFileURL(join(outdir, 'stdin.js')).href)) as { readonly name: string };
    expect(bundle.name).toBe('ClientCredentials');
  } finally {
    rmSync(outdir, { recursive: true });
  }
});
