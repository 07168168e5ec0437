import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { writeNewFile } from './write-new-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'grantor-new-file-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('what comes piece by piece is in the file, compressed', async () => {
  async function* content() {
    yield Buffer.from('one, ');
    yield Buffer.from('two');
  }
  const name = join(dir, 'whole');
  expect(await writeNewFile(name, content())).toEqual({ ok: true, value: undefined });
  expect(gunzipSync(readFileSync(name)).toString()).toBe('one, two');
});

test('half a file is taken away again, and it is told why', async () => {
  async function* content() {
    yield Buffer.alloc(1024 * 1024);
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }
  const name = join(dir, 'half');
  expect(await writeNewFile(name, content())).toMatchObject({
    ok: false,
    error: { exit: 'usage', message: `${name} cannot be written: ENOSPC` },
  });
  expect(existsSync(name)).toBe(false);
});
