import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyPrograms, packImage } from './image.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-image-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function aFolder(name: string, content: string, seconds = 1): string {
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'hello'), content);
  utimesSync(join(folder, 'hello'), seconds, seconds);
  return folder;
}

const archive = (name: string): string => join(dir, `${name}.tar`);
const pack = (name: string, layers: readonly string[]): Promise<string> =>
  packImage({ name: 'example.test/hello:1', layers, config: { Entrypoint: ['/hello'] } }, archive(name));

/** A file of the archive, as text. */
const inArchive = (name: string, path: string): string =>
  execFileSync('tar', ['-xOf', archive(name), path], { encoding: 'utf8' });
const blob = (name: string, digest: string) =>
  JSON.parse(inArchive(name, `blobs/sha256/${digest.slice('sha256:'.length)}`));

describe('packImage', () => {
  it('makes the same image of the same files, whenever and wherever they were written', async () => {
    const first = await pack('first', [aFolder('a', 'same', 1)]);
    expect(await pack('second', [aFolder('b', 'same', 2)])).toBe(first);
    expect(await pack('third', [aFolder('c', 'other', 1)])).not.toBe(first);
  });

  it('lets each layer be found by the digest that the manifest names, in order', async () => {
    const digest = await pack('two', [aFolder('a', 'below'), aFolder('b', 'above')]);
    const index = JSON.parse(inArchive('two', 'index.json'));
    expect(index.manifests).toEqual([
      expect.objectContaining({
        digest,
        annotations: { 'io.containerd.image.name': 'example.test/hello:1' },
      }),
    ]);
    const manifest = blob('two', digest);
    const layers = manifest.layers.map((layer: { digest: string }) => layer.digest);
    expect(layers).toHaveLength(2);
    expect(blob('two', manifest.config.digest)).toMatchObject({
      os: 'linux',
      config: { Entrypoint: ['/hello'] },
      rootfs: { diff_ids: layers },
    });
    const contents = layers.map((layer: string) => {
      writeFileSync(
        join(dir, 'layer'),
        execFileSync('tar', ['-xOf', archive('two'), `blobs/sha256/${layer.slice(7)}`]),
      );
      return execFileSync('tar', ['-xOf', join(dir, 'layer'), './hello'], { encoding: 'utf8' });
    });
    expect(contents).toEqual(['below', 'above']);
  });

  it('leaves nothing but the archive', async () => {
    await pack('only', [aFolder('a', 'x')]);
    expect(execFileSync('ls', [dir], { encoding: 'utf8' })).toBe('a\nonly.tar\n');
  });
});

it('brings a program with all that it loads: it runs where nothing else is', async () => {
  await copyPrograms(dir, { '/bin/mount': '/bin/mount' });
  const loader = execFileSync('ldd', ['/bin/mount'], { encoding: 'utf8' }).match(/\/\S*ld-linux\S*/)![0];
  const libraries = execFileSync('find', [dir, '-name', '*.so*', '-printf', '%h\n'], { encoding: 'utf8' });
  const path = [...new Set(libraries.trim().split('\n'))].join(':');
  const run = [
    join(dir, loader),
    '--inhibit-cache',
    '--library-path',
    path,
    '--list',
    join(dir, '/bin/mount'),
  ];
  const loaded = execFileSync(run[0]!, run.slice(1), { encoding: 'utf8' });
  const outside = loaded.split('\n').filter((line) => line.includes('=>') && !line.includes(dir));
  expect(outside).toEqual([]);
  expect(statSync(join(dir, 'bin/mount')).mode & 0o111).toBe(0o111);
});
