/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)), as far as we need it. */
export interface MountEntry {
  /** `major:minor` of the file system: the same for all mounts of one. */
  readonly device: string;
  /** What of the file system is seen here. */
  readonly root: string;
  readonly mountPoint: string;
  /** Of this one mount: `ro`, `nosuid` … */
  readonly options: ReadonlySet<string>;
  /** Whether what is mounted below it is seen in its peers too, such as the node behind a `Bidirectional` volume. */
  readonly shared: boolean;
  readonly type: string;
}

/** Reads the mount table. Where mounts lie on each other, the last entry is what a program sees. Lines that are none are left out. */
export function parseMountTable(text: string): readonly MountEntry[] {
  const entries: MountEntry[] = [];
  for (const line of text.split('\n')) {
    // Between the sixth field and the dash there may be any number of optional fields.
    const [before = '', after = ''] = line.split(' - ', 2);
    const [id, , device, root, mountPoint, options, ...optional] = before.split(' ');
    const [type] = after.split(' ');
    if (!id || !device || !root || !mountPoint || !options || !type) continue;
    entries.push({
      device,
      root: unescapeOctal(root),
      mountPoint: unescapeOctal(mountPoint),
      options: new Set(options.split(',')),
      shared: optional.some((field) => field.startsWith('shared:')),
      type: unescapeOctal(type),
    });
  }
  return entries;
}

/** What a program sees at a path that something is mounted on. */
export const mountedAt = (table: readonly MountEntry[], mountPoint: string): MountEntry | undefined =>
  table.findLast((entry) => entry.mountPoint === mountPoint);

/** The mount that a path lies in. */
export function mountOf(table: readonly MountEntry[], path: string): MountEntry | undefined {
  let innermost: MountEntry | undefined;
  for (const entry of table) {
    const { mountPoint } = entry;
    const holds = mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
    if (holds && mountPoint.length >= (innermost?.mountPoint.length ?? 0)) innermost = entry;
  }
  return innermost;
}

/** The kernel writes bytes that would end a field, and the backslash, as three octal digits. */
const unescapeOctal = (field: string): string =>
  field.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
