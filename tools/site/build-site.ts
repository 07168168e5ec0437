import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { addressOf, isPicture } from './addresses.ts';
import { indexPath, layOut } from './layout.ts';
import { readNavigation } from './navigation.ts';
import { type Rendered, renderFolder, renderPage, renderSource } from './render.ts';

/** Writes the site: every page that the README leads to, over however many links, with the sources that they name. Answers with how many files. */
export function buildSite(root: string, target: string): number {
  rmSync(target, { recursive: true, force: true });
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const navigation = readNavigation(read(indexPath));
  /** Folders end with `/`; one that has a README.md is that page. */
  const settle = (path: string): string => {
    const tidy = normalize(path).replace(/\/$/, '');
    if (!existsSync(join(root, tidy))) throw new Error(`a page links to ${tidy}, which is not there`);
    if (!statSync(join(root, tidy)).isDirectory()) return tidy;
    return existsSync(join(root, tidy, 'README.md')) ? join(tidy, 'README.md') : `${tidy}/`;
  };
  const render = (path: string): Pick<Rendered, 'html' | 'title' | 'sections' | 'needs'> => {
    if (path.endsWith('.md')) return renderPage(read(path), path, settle);
    const html = path.endsWith('/')
      ? renderFolder(readdirSync(join(root, path)).sort(), path)
      : renderSource(read(path), path);
    return { html, title: path, sections: [], needs: [] };
  };

  const wanted = ['README.md', indexPath];
  const written = new Set<string>();
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (written.has(path)) continue;
    written.add(path);
    const file = join(target, addressOf(path));
    mkdirSync(dirname(file), { recursive: true });
    if (isPicture(path)) {
      copyFileSync(join(root, path), file);
      continue;
    }
    const page = render(path);
    writeFileSync(file, layOut(path, page, navigation));
    wanted.push(...page.needs);
  }
  copyFileSync(join(import.meta.dirname, 'style.css'), join(target, 'style.css'));
  return written.size;
}
