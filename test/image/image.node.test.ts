import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleProgram } from '../../tools/bundle/bundle-program.ts';
import { loadedBy, subcommands } from '../../tools/bundle/loaded.ts';
import { readPins } from '../../tools/image/debian-pins.ts';
import { platforms } from '../../tools/image/platform.ts';
import { type WrittenImage, writeImage } from '../../tools/image/write-image.ts';
import { ensureNodePrograms } from '../cluster/node/programs.ts';
import { testNode } from '../cluster/node/test-node.ts';
import { root } from '../stage/stage.ts';
import { isElf, neededLibraries } from './elf.ts';
import { OpenedImage } from './opened-image.ts';

const node = testNode();
const name = 'registry.example/grantor';
const options = {
  repository: name,
  version: '1.2.3',
  created: '2026-01-01T00:00:00.000Z',
  compress: false,
} as const;

describe.skipIf(node === undefined)('the image that "make image" makes', () => {
  const dir = mkdtempSync(join(tmpdir(), 'grantor-image-'));
  const lines: string[] = [];
  let written: WrittenImage;
  let image: OpenedImage;
  beforeAll(async () => {
    written = await writeImage({ ...options, directory: dir, platforms }, (line) => lines.push(line));
    image = new OpenedImage(written.file);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('is one for both kinds of machines, under its name', () => {
    const [index] = image.listed;
    expect(index).toMatchObject({
      digest: written.digest,
      annotations: {
        'io.containerd.image.name': `${name}:1.2.3`,
        'org.opencontainers.image.ref.name': '1.2.3',
      },
    });
    expect(image.json(index!).manifests).toMatchObject([
      { platform: { os: 'linux', architecture: 'amd64' } },
      { platform: { os: 'linux', architecture: 'arm64' } },
    ]);
  });

  describe.each(platforms)('for $architecture', ({ architecture, loader }) => {
    it('runs as Dockerfile says, as nobody in particular', () => {
      const { config } = image.json(image.json(image.manifest(architecture)).config);
      const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
      expect(dockerfile).toContain(
        `\nENTRYPOINT ${JSON.stringify(config.Entrypoint).replaceAll(',', ', ')}\n`,
      );
      for (const variable of config.Env) expect(dockerfile).toContain(`\nENV ${variable}\n`);
      expect(config).toMatchObject({
        User: '65532:65532',
        Labels: {
          'org.opencontainers.image.version': '1.2.3',
          'org.opencontainers.image.licenses': 'Apache-2.0',
        },
      });
      expect(config.Entrypoint[0]).toBe('/nodejs/bin/node');
    });

    it('has every library that its programs need, for that kind of machine, and the loader of them', () => {
      const entries = [...image.entries(architecture).values()];
      const programs = entries.flatMap((entry) =>
        'content' in entry && isElf(entry.content) ? [entry] : [],
      );
      const machine = { amd64: 62, arm64: 183 }[architecture];
      const kinds = programs.map(({ content }) => Buffer.from(content).readUInt16LE(18));
      expect(new Set(kinds)).toEqual(new Set([machine]));
      const needed = new Set(programs.flatMap(({ content }) => neededLibraries(Buffer.from(content))));
      expect(needed.size).toBeGreaterThan(8);
      const there = new Set(entries.map(({ path }) => path.split('/').at(-1)));
      expect([...needed].filter((library) => !there.has(library))).toEqual([]);
      expect(image.entries(architecture).get(loader.path)).toEqual(loader);
    });

    it('has no shell, nothing that changes the user, and nothing that others than root may write but /tmp', () => {
      const entries = [...image.entries(architecture).values()];
      const executable = entries.filter((entry) => 'content' in entry && (entry.mode & 0o111) !== 0);
      expect(executable.map(({ path }) => path).filter((path) => !/\.so[.\d]*$/.test(path))).toEqual([
        'usr/bin/mount',
        'usr/bin/umount',
        'nodejs/bin/node',
        'grantor/grantor.js',
      ]);
      const loose = entries.filter((entry) => 'mode' in entry && (entry.mode & 0o6022) !== 0);
      expect(loose.map(({ path }) => path)).toEqual(['tmp']);
    });

    it('has a bill of materials attached, and beside it, of all that is in it', async () => {
      const manifest = image.manifest(architecture);
      const attached = image.listed
        .map((one) => image.json(one))
        .find(({ subject }) => subject?.digest === manifest.digest);
      expect(attached).toMatchObject({ artifactType: 'application/vnd.cyclonedx+json' });
      const bill = image.json(attached!.layers[0]);
      expect(bill).toEqual(
        JSON.parse(readFileSync(join(dir, `grantor-1.2.3-linux-${architecture}.cdx.json`), 'utf8')),
      );
      const names = new Set(bill.components.map(({ name }) => name));
      const { metafile } = await bundleProgram();
      const modules = ['src/cmd/grantor.ts', ...Object.values(subcommands), 'tools/bundle/client-node.js'];
      for (const { name: debian } of readPins().packages[architecture]) expect(names).toContain(debian);
      for (const bundled of loadedBy(metafile, modules).packages) expect(names).toContain(bundled);
      const platform = bill.components.find(({ type }) => type === 'platform');
      expect(platform).toMatchObject({ name: 'node', version: process.versions.node });
      const inside = new Set(platform!.components!.map(({ name }) => name));
      for (const part of ['openssl', 'v8', 'uv', 'zlib']) expect(inside).toContain(part);
      const refs = bill.components.map((component) => component['bom-ref']);
      expect(new Set(refs).size).toBe(refs.length);
    });
  });

  it('has the same digest when it is made elsewhere, later and by somebody whose files nobody else may read', () => {
    // On the same disk, for links.
    mkdirSync(join(root, '.run'), { recursive: true });
    const elsewhere = mkdtempSync(join(root, '.run', 'elsewhere-'));
    try {
      for (const path of readdirSync(root).filter(
        (path) => !['node_modules', 'dist', '.run', '.git'].includes(path),
      ))
        cpSync(join(root, path), join(elsewhere, path), { recursive: true });
      execFileSync('cp', ['-a', '--link', join(root, 'node_modules'), elsewhere]);
      execFileSync('find', [join(elsewhere, 'src'), '-exec', 'touch', '-d', '2001-01-01', '{}', '+']);
      const script = `import { writeImage } from './tools/image/write-image.ts';
        import { platforms } from './tools/image/platform.ts';
        const options = ${JSON.stringify({ ...options, directory: join(elsewhere, 'out') })};
        console.log((await writeImage({ ...options, platforms }, () => {})).digest);`;
      const digest = execFileSync(
        '/bin/sh',
        [
          '-c',
          'umask 077; chmod -R go-rwx src tools; exec "$0" --input-type=module --eval "$1"',
          process.execPath,
          script,
        ],
        { cwd: elsewhere, encoding: 'utf8' },
      );
      expect(digest.trim()).toBe(written.digest);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it('is taken by containerd', async () => {
    const { ctr } = await ensureNodePrograms(() => {});
    const control = [ctr, '--namespace', 'k8s.io', 'images'] as const;
    await node!.run([...control, 'import', written.file]);
    expect(await node!.run([...control, 'check', `name==${name}:1.2.3`])).toMatch(/complete/);
    await node!.run([...control, 'remove', `${name}:1.2.3`]);
  });

  it('says what it is doing', () => {
    expect(lines.filter((line) => line.startsWith('packing '))).toHaveLength(2);
  });
});
