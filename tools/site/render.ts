import { relative } from 'node:path';
import { Marked, type Token } from 'marked';
import { addressOf, withinRepository } from './addresses.ts';
import { anchorMaker } from './anchors.ts';

export interface Rendered {
  readonly html: string;
  readonly title: string;
  /** Of its sections, with their anchors. */
  readonly sections: readonly { readonly title: string; readonly anchor: string }[];
  /** Paths of the repository that it links to or shows. */
  readonly needs: readonly string[];
}

/** A page of Markdown as HTML whose links lead to where things are on the site. `settle` gives folders their `/`. */
export function renderPage(text: string, path: string, settle: (path: string) => string): Rendered {
  const needs: string[] = [];
  const sections: { title: string; anchor: string }[] = [];
  let title = path;
  const anchor = anchorMaker();
  const point = (token: Token): void => {
    if (token.type !== 'link' && token.type !== 'image') return;
    const place = withinRepository(token.href, path);
    if (place === undefined) return;
    const target = settle(place.path);
    needs.push(target);
    token.href = relativeAddress(path, target) + place.fragment;
  };
  const marked = new Marked({
    gfm: true,
    walkTokens: point,
    renderer: {
      heading({ tokens, depth, text: heading }) {
        const id = anchor(heading);
        const html = this.parser.parseInline(tokens);
        if (depth === 1) title = plain(heading);
        if (depth === 2) sections.push({ title: plain(heading), anchor: id });
        return `<h${depth} id="${id}">${html} <a class="here" href="#${id}" aria-label="link to this">#</a></h${depth}>\n`;
      },
      // Wide ones scroll by themselves, and not the page.
      table(token) {
        const row = (cells: typeof token.header, tag: string): string =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        const body = token.rows.map((cells) => row(cells, 'td')).join('');
        return `<div class="wide"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return { html: marked.parse(text, { async: false }), title, sections, needs };
}

/** A file of the sources as a page. */
export const renderSource = (text: string, path: string): string =>
  `<h1>${escape(path)}</h1>\n<pre><code>${escape(text)}</code></pre>`;

/** A folder as a list of what is in it. */
export const renderFolder = (names: readonly string[], path: string): string =>
  `<h1>${escape(path)}</h1>\n<ul>${names.map((name) => `<li><code>${escape(name)}</code></li>`).join('')}</ul>`;

export const relativeAddress = (from: string, to: string): string =>
  relative(`${addressOf(from)}/..`, addressOf(to));

const plain = (heading: string): string => heading.replaceAll(/[`*]/g, '');
export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
