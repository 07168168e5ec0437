import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mountedAt, mountOf, parseMountTable } from './mount-table.ts';

const table = parseMountTable(`22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
36 22 0:31 / /var/lib/kubelet/plugins/x/volumes rw,nosuid,nodev,noexec shared:7 master:2 - tmpfs grantor rw,size=65536k
40 22 0:31 /csi-1/data /var/lib/kubelet/pods/p/mount ro,nosuid,nodev,noexec - tmpfs grantor rw,size=65536k
41 40 0:44 / /var/lib/kubelet/pods/p/mount rw - tmpfs other rw
`);

test('a line says what is mounted where, of which file system, and how', () => {
  expect(table[2]).toEqual({
    device: '0:31',
    root: '/csi-1/data',
    mountPoint: '/var/lib/kubelet/pods/p/mount',
    options: new Set(['ro', 'nosuid', 'nodev', 'noexec']),
    shared: false,
    type: 'tmpfs',
  });
  expect(table.map(({ shared }) => shared)).toEqual([true, true, false, false]);
});

test('of mounts on one place the last is what a program sees', () => {
  expect(mountedAt(table, '/var/lib/kubelet/pods/p/mount')?.device).toBe('0:44');
  expect(mountedAt(table, '/var/lib/kubelet/pods/p')).toBeUndefined();
});

test('a path lies in the innermost mount above it', () => {
  expect(mountOf(table, '/var/lib/kubelet/plugins/x/volumes/csi-1')?.mountPoint).toBe(
    '/var/lib/kubelet/plugins/x/volumes',
  );
  expect(mountOf(table, '/var/lib/kubelet/plugins/x/volumes-2')?.mountPoint).toBe('/');
});

/** As the kernel's `mangle` writes a path. */
const escaped = (path: string): string =>
  path.replace(/[ \t\n\\]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);
const aPath = fc
  .array(fc.string({ minLength: 1, unit: fc.constantFrom('a', 'ä', ' ', '\t', '\n', '\\', '0', '4', '-') }), {
    minLength: 1,
  })
  .map((segments) => `/${segments.join('/')}`);

test('any path comes back as it was', () => {
  fc.assert(
    fc.property(
      aPath,
      aPath,
      fc.array(fc.constantFrom('shared:1', 'master:2', 'unbindable')),
      (root, at, optional) => {
        const line = ['36', '22', '0:31', escaped(root), escaped(at), 'ro', ...optional].join(' ');
        expect(parseMountTable(`${line} - tmpfs x rw\n`)).toEqual([
          expect.objectContaining({ root, mountPoint: at, shared: optional.includes('shared:1') }),
        ]);
      },
    ),
  );
});

test('what is no mount table is read as empty, or as its good lines', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (noise) => {
      const lines = noise.replaceAll('\n', ' ');
      expect(parseMountTable(`${lines}\n22 1 254:0 / / rw - ext4 /dev/vda rw`).at(-1)?.mountPoint).toBe('/');
    }),
  );
});
