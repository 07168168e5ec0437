import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildSite } from './build-site.ts';

const site = mkdtempSync(join(tmpdir(), 'grantor-site-'));
afterAll(() => rmSync(site, { recursive: true }));
buildSite(join(import.meta.dirname, '../..'), site);
const pages = new Map(
  readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => [name, readFileSync(join(site, name), 'utf8')]),
);
const matches = (text: string, pattern: RegExp): string[] =>
  Array.from(text.matchAll(pattern), ([, found = '']) => found);

test('every link of the site leads to a file of the site, and to a place that is there', () => {
  const broken: string[] = [];
  for (const [page, html] of pages)
    for (const href of matches(html, /(?:href|src)="(?!https?:|mailto:)([^"]+)"/g)) {
      const [to = '', anchor] = href.split('#');
      const target = to === '' ? page : join(dirname(page), to);
      const there = existsSync(join(site, target));
      const found = anchor === undefined || pages.get(target)?.includes(`id="${anchor}"`);
      if (!there || !found) broken.push(`${page}: ${href}`);
    }
  expect(pages.size).toBeGreaterThan(100);
  expect(broken).toEqual([]);
});

test('nothing on the site is loaded from elsewhere', () => {
  const loading = [...pages].filter(([, html]) =>
    /<script|(src|srcset)="https?:|<link[^>]+href="https?:/.test(html),
  );
  expect(loading.map(([page]) => page)).toEqual([]);
});

test('each page of the navigation says where the reader is, and what comes next', () => {
  const html = pages.get('docs/concepts.html') ?? '';
  expect(html).toContain('aria-current="page">Concepts</a>');
  expect(html).toMatch(/<footer>.*Next: /);
});
