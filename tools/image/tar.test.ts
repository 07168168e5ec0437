import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TarEntry } from '../../src/std/tar.ts';
import { readTar, writeTar } from './tar.ts';

const entries: TarEntry[] = [
  { path: 'a', mode: 0o755, folder: true },
  { path: 'a/link', target: '../b' },
  { path: 'a/program', mode: 0o755, content: Buffer.from('x'.repeat(513)) },
  { path: 'b', mode: 0o600, content: Buffer.alloc(0) },
];

it('is unpacked by tar(1) to the same files', () => {
  const dir = mkdtempSync(join(tmpdir(), 'grantor-tar-'));
  try {
    execFileSync('tar', ['-xp', '-C', dir], { input: writeTar(entries) });
    expect(readFileSync(join(dir, 'a/program'), 'utf8')).toBe('x'.repeat(513));
    expect(statSync(join(dir, 'a/program')).mode & 0o7777).toBe(0o755);
    expect(statSync(join(dir, 'b'))).toMatchObject({ size: 0, mtimeMs: 0 });
    expect(readlinkSync(join(dir, 'a/link'))).toBe('../b');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

it('is the same in whatever order the entries came', () => {
  expect(writeTar(entries.toReversed())).toEqual(writeTar(entries));
});

it('is read back, whoever wrote it', () => {
  expect(readTar(writeTar(entries))).toEqual(entries);
  const dir = mkdtempSync(join(tmpdir(), 'grantor-tar-'));
  try {
    const long = 'l'.repeat(150);
    writeFileSync(join(dir, long), 'content');
    const made = execFileSync('tar', ['-c', '--format=gnu', '-C', dir, `./${long}`]);
    expect(readTar(made)).toEqual([
      { path: long, mode: expect.any(Number), content: Buffer.from('content') },
    ]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

it('has room for a long path, parted at a slash', () => {
  const dir = mkdtempSync(join(tmpdir(), 'grantor-tar-'));
  const path = `${'f'.repeat(155)}/${'n'.repeat(100)}`;
  const long: TarEntry[] = [
    { path, mode: 0o600, content: Buffer.from('content') },
    { path: `${'f'.repeat(90)}/${'g'.repeat(20)}`, mode: 0o755, folder: true },
  ];
  try {
    execFileSync('tar', ['-x', '-C', dir], { input: writeTar(long) });
    expect(readFileSync(join(dir, path), 'utf8')).toBe('content');
    expect(readTar(writeTar(long)).map((entry) => entry.path)).toEqual(
      long.map((entry) => entry.path).toSorted(),
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
});

it('refuses a path that the format has no room for', () => {
  expect(() => writeTar([{ path: 'x'.repeat(101), mode: 0o644, content: Buffer.alloc(0) }])).toThrow(
    'too long',
  );
});
