import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../stage/stage.ts';
import { linksIn, pages, rowsBelow } from './pages.ts';

const all = pages();

test('every link leads to something', () => {
  const links = all.flatMap(({ path, text }) => linksIn(text, path).map((to) => ({ path, to })));
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter(({ to }) => !existsSync(join(root, to)))).toEqual([]);
});

describe.each([
  ['docs/threat-model.md', 'Held off'],
  ['docs/threat-model.md', 'On a node'],
  ['docs/tenancy.md', 'Which test holds which promise'],
])('%s', (path, heading) => {
  const page = all.find((candidate) => candidate.path === path)!;

  test('names the test of each promise', () => {
    const rows = rowsBelow(heading, page);
    expect(rows.length).toBeGreaterThan(10);
    const untested = rows.filter((row) => !linksIn(row, path).some((to) => to.endsWith('.test.ts')));
    expect(untested).toEqual([]);
  });
});
