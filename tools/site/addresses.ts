import { basename, dirname, join } from 'node:path';

/** Where a path of the repository is on the site. Folders have been given their `/` before. */
export function addressOf(path: string): string {
  if (path.endsWith('/')) return join(path, 'index.html');
  if (basename(path) === 'README.md') return join(dirname(path), 'index.html');
  if (path.endsWith('.md')) return path.replace(/md$/, 'html');
  return isPicture(path) ? path : `${path}.html`;
}

export const isPicture = (path: string): boolean => /\.(svg|png)$/.test(path);

/** Splits what is linked to; undefined if that is elsewhere on the web, or on the same page. */
export function withinRepository(href: string, from: string): { path: string; fragment: string } | undefined {
  if (/^([a-z]+:|#)/.test(href)) return undefined;
  const [, to = '', fragment = ''] = /^([^#]*)(#.*)?$/.exec(href) ?? [];
  return { path: join(dirname(from), to), fragment };
}
