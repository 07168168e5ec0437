import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from '../../../tools/bundle/bundle-program.ts';
import { type Layer, layersOf } from '../../../tools/image/layers.ts';
import { OciLayout } from '../../../tools/image/oci-layout.ts';
import { packImage } from '../../../tools/image/pack-image.ts';
import { provideParts } from '../../../tools/image/parts.ts';
import { ownPlatform } from '../../../tools/image/platform.ts';
import { type ImageConfig, readSettings } from '../../../tools/image/settings.ts';
import type { Report } from '../../provision/progress.ts';

/** No registry has it: what is not on a node is not to be pulled. */
export const grantorImage = 'grantor.test/grantor:1';

/** What keeps the namespaces of a pod. */
export const pauseImage = 'grantor.test/pause:1';

/** Packs what `make image` would make of this checkout for this machine; answers with the archive. */
export async function packGrantor(directory: string, report: Report): Promise<string> {
  const platform = ownPlatform();
  const [parts, bundle] = await Promise.all([provideParts(platform, report), bundleProgram()]);
  const layers = layersOf(platform, parts, bundle);
  return pack(grantorImage, layers, readSettings(), join(directory, 'grantor.tar'));
}

/** What runs in a pod's sandbox, from the folder of programs. */
export function packPause(directory: string, pause: string): string {
  const entries = [{ path: 'pause', mode: 0o755, content: readFileSync(pause) }];
  return pack(
    pauseImage,
    [{ name: 'pause', entries }],
    { Entrypoint: ['/pause'] },
    join(directory, 'pause.tar'),
  );
}

/** Layers are not compressed: nodes of tests have the archive on the same disk. */
export function pack(name: string, layers: readonly Layer[], config: ImageConfig, archive: string): string {
  const layout = new OciLayout();
  const created = '1970-01-01T00:00:00Z';
  const { architecture } = ownPlatform();
  const manifest = packImage(layout, { architecture, layers, config, created, compress: false });
  layout.list({ ...manifest, annotations: { 'io.containerd.image.name': name } });
  layout.write(archive);
  return archive;
}
