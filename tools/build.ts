// Bundles the program into dist/grantor.js, as the image carries it: faster to start and smaller in memory than the sources. What one
// subcommand needs and another does not lies in files of its own beside it, loaded when it is needed. The plug-in of kubectl is for
// people's own machines: one file, dist/kubectl-grantor.js, to be put on the PATH as kubectl-grantor.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { bundlePlugIn } from './bundle/bundle-plug-in.ts';
import { bundleProgram } from './bundle/bundle-program.ts';
import { loadedBy, subcommands } from './bundle/loaded.ts';

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
const { files, metafile } = await bundleProgram();
for (const [name, content] of files) writeFileSync(`dist/${name}`, content);
chmodSync('dist/grantor.js', 0o755);
console.log('dist/grantor.js');
for (const [name, module] of Object.entries(subcommands)) {
  const { bytes, packages } = loadedBy(metafile, ['src/cmd/grantor.ts', module]);
  console.log(`  ${name.padEnd(10)} loads ${Math.round(bytes / 1024)} KiB, of ${packages.length} packages`);
}

const plugIn = 'dist/kubectl-grantor.js';
await bundlePlugIn(plugIn);
console.log(plugIn);
