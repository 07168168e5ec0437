import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../stage/stage.ts';

/** A page that people read, by its path from the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** All pages of the repository. */
export const pages = (): Page[] =>
  ['.', 'docs', 'test', 'examples', 'deploy', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== '.', encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  );

/** Paths that a text of a page links to, from the root. What is elsewhere on the web is left out. */
export const linksIn = (text: string, page: string): string[] =>
  Array.from(text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g), ([, to = '']) =>
    join(dirname(page), to),
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
