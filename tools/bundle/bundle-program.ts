import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { version } from '../../src/cmd/version.ts';
import { bundleOptions } from '../bundle-options.ts';

const root = join(import.meta.dirname, '../..');

/** The program in few files, as the image carries it. */
export interface Bundle {
  /** By name: `grantor.js`, and what is loaded when it is needed. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** https://esbuild.github.io/api/#metafile: what each file was made of, and which others it loads. */
  readonly metafile: Metafile;
}

/** Bundles the checkout; the same sources give the same bytes, wherever they lie. */
export async function bundleProgram(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...bundleOptions,
    absWorkingDir: root,
    entryPoints: ['src/cmd/grantor.ts'],
    outdir: 'dist',
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  const files = outputFiles.map(({ path, contents }) => [basename(path), contents] as const);
  return { files: new Map([...files, ['package.json', Buffer.from(manifest)]]), metafile };
}

/** Lets Node.js take the files for modules at once, instead of after it could not read them as scripts. */
const manifest = `${JSON.stringify({ name: 'grantor', version, type: 'module' })}\n`;
