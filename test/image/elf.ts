const names = { needed: 1, stringTable: 5 } as const;

/** The libraries that a 64-bit program or library says it needs (DT_NEEDED). https://gabi.xinuos.com/elf/08-dynamic.html */
export function neededLibraries(file: Buffer): string[] {
  const number = (at: number): number => Number(file.readBigUInt64LE(at));
  const segments = Array.from({ length: file.readUInt16LE(56) }, (_, index) => number(32) + index * 56).map(
    (at) => ({
      type: file.readUInt32LE(at),
      offset: number(at + 8),
      address: number(at + 16),
      size: number(at + 32),
    }),
  );
  const dynamic = segments.find(({ type }) => type === 2);
  if (dynamic === undefined) return [];
  const entries = Array.from({ length: dynamic.size / 16 }, (_, index) => dynamic.offset + index * 16).map(
    (at) => ({
      tag: number(at),
      value: number(at + 8),
    }),
  );
  const end = entries.findIndex(({ tag }) => tag === 0);
  const table = entries.find(({ tag }) => tag === names.stringTable)?.value ?? 0;
  const segment = segments.find(
    ({ type, address, size }) => type === 1 && table >= address && table < address + size,
  );
  const strings = table - (segment?.address ?? 0) + (segment?.offset ?? 0);
  return entries
    .slice(0, end)
    .filter(({ tag }) => tag === names.needed)
    .map(({ value }) => file.toString('latin1', strings + value, file.indexOf(0, strings + value)));
}

export const isElf = (file: Uint8Array): boolean =>
  Buffer.from(file.subarray(0, 4)).toString('latin1') === '\x7fELF';
