import { join } from 'node:path';
import type { Section } from './navigation.ts';
import { escape, type Rendered, relativeAddress } from './render.ts';

export const indexPath = 'docs/README.md';

/** A whole page: the navigation, with the sections of this page in it, the content, and where to read on. */
export function layOut(
  path: string,
  page: Pick<Rendered, 'html' | 'title' | 'sections'>,
  navigation: readonly Section[],
): string {
  const entries = navigation.flatMap((section) => section.entries);
  const at = entries.findIndex(({ to }) => join('docs', to) === path);
  const step = (index: number, label: string): string => {
    const entry = at < 0 ? undefined : entries[index];
    return entry === undefined
      ? '<span></span>'
      : `<a href="${link(path, join('docs', entry.to))}">${label}${escape(entry.title)}</a>`;
  };
  const style = relativeAddress(path, 'style.svg').replace(/svg$/, 'css');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(page.title)} · Grantor</title>
<link rel="stylesheet" href="${style}">
<input type="checkbox" id="menu" aria-label="show the navigation"><label for="menu">Contents</label>
<nav>
<a class="name" href="${link(path, 'README.md')}">Grantor</a>
<a href="${link(path, indexPath)}">Documentation</a>
${navigation.map((section) => listSection(path, section, page)).join('\n')}
</nav>
<main>
${page.html}
<footer>${step(at - 1, '← ')}${step(at + 1, 'Next: ')}</footer>
</main>
</html>
`;
}

const listSection = (path: string, { title, entries }: Section, page: Pick<Rendered, 'sections'>): string => {
  const items = entries.map((entry) => {
    const here = join('docs', entry.to) === path;
    const current = here ? ' aria-current="page"' : '';
    const below = here && page.sections.length > 1 ? page.sections : [];
    const sections = below.map(
      (section) => `<li><a href="#${section.anchor}">${escape(section.title)}</a></li>`,
    );
    const list = sections.length > 0 ? `<ul>${sections.join('')}</ul>` : '';
    return `<li><a href="${link(path, join('docs', entry.to))}"${current}>${escape(entry.title)}</a>${list}</li>`;
  });
  return `<h2>${escape(title)}</h2>\n<ul>${items.join('')}</ul>`;
};

const link = (from: string, to: string): string => escape(relativeAddress(from, to));
