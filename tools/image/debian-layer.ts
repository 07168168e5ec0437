import { readFileSync } from 'node:fs';
import type { TarEntry } from '../../src/std/tar.ts';
import { isWanted } from './debian-files.ts';
import type { Parts } from './parts.ts';
import type { Platform } from './platform.ts';
import { readTar } from './tar.ts';

/** What of Debian the program needs, where Debian has it, and what lets scanners of images know it. No shell, no package manager. */
export function debianLayer({ debian }: Parts, platform: Platform): TarEntry[] {
  const entries: TarEntry[] = [
    // As Debian has merged them.
    { path: 'bin', target: 'usr/bin' },
    { path: 'lib', target: 'usr/lib' },
    ...(platform.loader.path.startsWith('usr/lib64/') ? [{ path: 'lib64', target: 'usr/lib64' }] : []),
    platform.loader,
    { path: 'etc/os-release', target: '../usr/lib/os-release' },
    // What container runtimes mount something on.
    ...['dev', 'proc', 'sys'].map((path) => ({ path, mode: 0o755, folder: true }) as const),
    { path: 'tmp', mode: 0o1777, folder: true },
    ...Object.entries(accounts).map(([path, text]) => ({ path, mode: 0o644, content: Buffer.from(text) })),
  ];
  const authorities: Uint8Array[] = [];
  for (const { package: one, files, control } of debian) {
    for (const entry of readTar(readFileSync(files))) {
      if ('folder' in entry || !isWanted(one.name, entry.path, platform)) continue;
      if (entry.path.endsWith('.crt') && 'content' in entry) authorities.push(entry.content);
      // mount(8) is set-user-ID where users mount; here root does.
      else entries.push('mode' in entry ? { ...entry, mode: entry.mode & 0o755 } : entry);
    }
    const about = readTar(readFileSync(control)).find(({ path }) => path === 'control');
    if (about !== undefined) entries.push({ ...about, path: `var/lib/dpkg/status.d/${one.name}` });
  }
  const certificates = Buffer.concat(authorities);
  entries.push({ path: 'etc/ssl/certs/ca-certificates.crt', mode: 0o644, content: certificates });
  return entries;
}

const accounts = {
  'etc/passwd':
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/nonexistent:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnonroot:x:65532:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
};
