import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generatedBy } from './generated-file.ts';
import { differences, settle } from './synchronize.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'grantor-generate-'));
});
afterEach(() => rm(root, { recursive: true }));

const file = (path: string, text: string) => ({ path, content: `# ${generatedBy('a test')}\n${text}` });
const settleAll = async (files: Parameters<typeof differences>[1]): Promise<void> => {
  for (const difference of await differences(root, files)) await settle(root, difference);
};

describe('generated files', () => {
  test('that are not there are missing, and are then written into new folders', async () => {
    const files = [file('a/b/one.yaml', '1')];
    expect(await differences(root, files)).toMatchObject([{ path: 'a/b/one.yaml', kind: 'missing' }]);
    await settleAll(files);
    expect(await readFile(join(root, 'a/b/one.yaml'), 'utf8')).toBe(files[0]!.content);
    expect(await differences(root, files)).toEqual([]);
  });

  test('that differ are stale', async () => {
    await settleAll([file('a/one.yaml', '1')]);
    expect(await differences(root, [file('a/one.yaml', '2')])).toMatchObject([
      { path: 'a/one.yaml', kind: 'stale' },
    ]);
  });

  test('that nothing generates any more are orphaned, and are then removed', async () => {
    await settleAll([file('a/one.yaml', '1'), file('a/two.yaml', '2')]);
    await settleAll([file('a/one.yaml', '1')]);
    await expect(readFile(join(root, 'a/two.yaml'))).rejects.toThrow('ENOENT');
  });

  test('leave what people wrote beside them alone', async () => {
    await settleAll([file('a/one.yaml', '1')]);
    await writeFile(join(root, 'a/README.md'), 'by hand');
    expect(await differences(root, [file('a/one.yaml', '1')])).toEqual([]);
  });
});
