import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf } from '../../tools/site/anchors.ts';
import { readNavigation } from '../../tools/site/navigation.ts';
import { root } from '../stage/stage.ts';
import { linksIn, pages, rowsBelow } from './pages.ts';

const all = pages();
const textOf = new Map(all.map(({ path, text }) => [path, text]));

test('every link leads to something, and every picture is there', () => {
  const links = all.flatMap(({ path, text }) => linksIn(text, path).map((link) => ({ page: path, ...link })));
  expect(links.length).toBeGreaterThan(500);
  expect(links.filter(({ to }) => !existsSync(join(root, to)))).toEqual([]);
});

test('every link to a place on a page leads to a heading that is there', () => {
  const links = all.flatMap(({ path, text }) => linksIn(text, path).map((link) => ({ page: path, ...link })));
  const placed = links.filter(({ to, anchor }) => anchor !== undefined && to.endsWith('.md'));
  expect(placed.length).toBeGreaterThan(10);
  expect(placed.filter(({ to, anchor = '' }) => !anchorsOf(textOf.get(to) ?? '').has(anchor))).toEqual([]);
});

describe('the navigation', () => {
  const index = 'docs/README.md';
  const sections = readNavigation(textOf.get(index) ?? '');
  const listed = new Set(
    sections.flatMap(({ entries }) => entries.map(({ to }) => join('docs', to.replace(/#.*/, '')))),
  );

  test('has every page of docs, or the index of its folder, which has it', () => {
    const indexOf = (path: string): string => join(dirname(path), 'README.md');
    const inIndexOfFolder = (path: string): boolean =>
      listed.has(indexOf(path)) &&
      linksIn(textOf.get(indexOf(path)) ?? '', indexOf(path)).some(({ to }) => to === path);
    const missing = all
      .map(({ path }) => path)
      .filter((path) => path.startsWith('docs/') && path !== index)
      .filter((path) => !listed.has(path) && !inIndexOfFolder(path));
    expect(missing).toEqual([]);
  });

  test('has no section without pages', () => {
    expect(sections.length).toBeGreaterThan(4);
    expect(sections.filter(({ entries }) => entries.length === 0)).toEqual([]);
  });
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
    const untested = rows.filter((row) => !linksIn(row, path).some(({ to }) => to.endsWith('.test.ts')));
    expect(untested).toEqual([]);
  });
});
