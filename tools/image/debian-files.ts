import type { Platform } from './platform.ts';

/** What the image has of each package of Debian, as patterns of paths: the libraries of Node.js, mount(8) and umount(8), and those of their libraries. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  'base-files': ['usr/lib/os-release', 'etc/debian_version'],
  'ca-certificates': ['usr/share/ca-certificates/mozilla/*.crt'],
  'gcc-14-base': [],
  libblkid1: ['$LIB/libblkid.so.1*'],
  libc6: ['$LIB/ld-linux-*', '$LIB/libc.so.6', '$LIB/libdl.so.2', '$LIB/libm.so.6', '$LIB/libpthread.so.0'],
  'libgcc-s1': ['$LIB/libgcc_s.so.1'],
  libmount1: ['$LIB/libmount.so.1*'],
  'libpcre2-8-0': ['$LIB/libpcre2-8.so.0*'],
  libselinux1: ['$LIB/libselinux.so.1'],
  'libstdc++6': ['$LIB/libstdc++.so.6*'],
  mount: ['usr/bin/mount', 'usr/bin/umount'],
};

/** The names of all of them. */
export const debianPackages: readonly string[] = Object.keys(wanted);

/** Whether a file of a package is in the image; its licence always is. */
export function isWanted(name: string, path: string, { libraries }: Platform): boolean {
  if (path === `usr/share/doc/${name}/copyright`) return true;
  return (wanted[name] ?? []).some((pattern) => matches(pattern.replace('$LIB', libraries), path));
}

const matches = (pattern: string, path: string): boolean => {
  const [start = '', end] = pattern.split('*');
  return end === undefined ? path === start : path.startsWith(start) && path.endsWith(end);
};
