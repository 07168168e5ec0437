import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withoutCode } from '../../tools/site/anchors.ts';
import { root } from '../stage/stage.ts';

/** A page that people read, by its path from the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** What a page links to or shows, by its path from the root, and the place there. */
export interface Link {
  readonly to: string;
  readonly anchor: string | undefined;
}

/** The page at a path from the root. */
export const pageAt = (path: string): Page => ({ path, text: readFileSync(join(root, path), 'utf8') });

const folders = ['.', 'bench', 'charts', 'deploy', 'docs', 'examples', 'test', 'tools'];

/** All pages of the repository. */
export const pages = (): Page[] =>
  readdirSync(root, { encoding: 'utf8' })
    .filter((name) => folders.includes(name))
    .concat('.')
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' })
        .filter((name) => name.endsWith('.md'))
        .map((name) => join(folder, name))
        .map(pageAt),
    );

/** The links and pictures of a text. What is elsewhere on the web is left out. */
export const linksIn = (text: string, page: string): Link[] =>
  Array.from(
    withoutCode(text)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/(?:\]\(|\b(?:src|srcset|href)=")(?!https?:)([^)"#\s]*)(?:#([^)"\s]*))?[)"]/g),
    ([, to = '', anchor]) => ({ to: to === '' ? page : join(dirname(page), to), anchor }),
  );

/** The rows of the tables below a heading, without their heads. */
export function rowsBelow(heading: string, { path, text }: Page): string[] {
  const [, section] = text.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`${path} has no section ${heading}`);
  const [below = ''] = section.split(/\n##? /);
  const lines = below.split('\n').filter((line) => line.startsWith('|'));
  return lines.filter((_, at) => !isRule(lines[at]) && !isRule(lines[at + 1]));
}

const isRule = (line: string | undefined): boolean => line !== undefined && /^\| -+ \|/.test(line);
