import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../stage/stage.ts';
import { blocksOf } from './blocks.ts';

/** How an example of each language is run; those whose language is not on this machine are only read. */
const languages: readonly { language: string; file: string; run: readonly [string, ...string[]] }[] = [
  { language: 'sh', file: 'main.sh', run: ['sh'] },
  { language: 'js', file: 'main.mjs', run: [process.execPath] },
  { language: 'python', file: 'main.py', run: ['python3'] },
  { language: 'go', file: 'main.go', run: ['go', 'run'] },
  { language: 'java', file: 'Main.java', run: ['java', '-XX:TieredStopAtLevel=1'] },
];
const blocks = blocksOf(readFileSync(join(root, 'docs/use-a-token.md'), 'utf8'));
const dir = mkdtempSync(join(tmpdir(), 'grantor-use-a-token-'));
const asked: string[] = [];
const server = createServer(({ url, headers }, response) => {
  asked.push(`${url} ${headers.authorization}`);
  response.end();
});

beforeAll(async () => {
  writeFileSync(join(dir, 'token'), 'a.b.c');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

test('there is an example in each of five languages', () => {
  expect(blocks.map(({ language }) => language)).toEqual(languages.map(({ language }) => language));
});

describe.each(languages)('the example in $language', ({ language, file, run: [program, ...args] }) => {
  const isThere = spawnSync(program, [program === 'go' ? 'version' : '--version']).error === undefined;

  test.runIf(isThere)('sends the token that is in the file', { timeout: 60_000 }, async () => {
    const { port } = server.address() as AddressInfo;
    const { content } = blocks.find((block) => block.language === language)!;
    const here = content
      .replace('/var/run/secrets/grantor', dir)
      .replace('https://api.acme.example', `http://127.0.0.1:${port}`);
    writeFileSync(join(dir, file), here);
    asked.length = 0;
    await promisify(execFile)(program, [...args, join(dir, file)], { cwd: dir });
    expect(asked).toEqual(['/invoices Bearer a.b.c']);
  });
});
