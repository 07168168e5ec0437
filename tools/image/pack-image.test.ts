import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Layer } from './layers.ts';
import { OciLayout, sha256 } from './oci-layout.ts';
import { packImage } from './pack-image.ts';
import { readTar } from './tar.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-pack-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const aLayer = (name: string, content: string): Layer => ({
  name,
  entries: [{ path: 'hello', mode: 0o644, content: Buffer.from(content) }],
});

function pack(layers: readonly Layer[], compress = false) {
  const layout = new OciLayout();
  const config = { Entrypoint: ['/hello'] };
  const created = '2026-01-01T00:00:00.000Z';
  const manifest = packImage(layout, { architecture: 'amd64', layers, config, created, compress });
  layout.list(manifest);
  layout.write(join(dir, 'image.tar'));
  const blob = (digest: string): Buffer =>
    execFileSync('tar', ['-xOf', join(dir, 'image.tar'), `blobs/sha256/${digest.slice('sha256:'.length)}`]);
  const json = (digest: string) => JSON.parse(blob(digest).toString());
  return { digest: manifest.digest, manifest: json(manifest.digest), blob, json };
}

describe.each([false, true])('an image, compressed: %s', (compress) => {
  it('has the same digest for the same layers, and another one for others', () => {
    const { digest } = pack([aLayer('a', 'same')], compress);
    expect(pack([aLayer('a', 'same')], compress).digest).toBe(digest);
    expect(pack([aLayer('a', 'other')], compress).digest).not.toBe(digest);
  });

  it('lets each layer be found by the digest that the manifest names, in order', () => {
    const { manifest, blob, json } = pack([aLayer('a', 'below'), aLayer('b', 'above')], compress);
    const digests: string[] = manifest.layers.map((layer: { digest: string }) => layer.digest);
    const archives = digests.map((digest) => (compress ? gunzipSync(blob(digest)) : blob(digest)));
    expect(archives.map((archive) => String(Object(readTar(archive)[0]).content))).toEqual([
      'below',
      'above',
    ]);
    expect(digests.map((digest) => sha256(blob(digest)))).toEqual(digests);
    expect(json(manifest.config.digest)).toMatchObject({
      os: 'linux',
      config: { Entrypoint: ['/hello'] },
      rootfs: { diff_ids: archives.map(sha256) },
      history: [{ created_by: 'a' }, { created_by: 'b' }],
    });
  });
});
