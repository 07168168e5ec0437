import type { Page } from './pages.ts';

/** A command that stands in a sentence or a table of pages, not in a block. */
export interface SaidCommand {
  readonly command: string;
  /** The page and line where it stands first. */
  readonly at: string;
}

/** Programs that pages name with what to type after them. A word of these alone is a name and no command. */
const programs =
  'crictl|ctr|curl|docker|grantor|grep|helm|jq|kcadm\\.sh|kind|kubectl|kubectl-grantor|make|node|npm|npx|openssl|promtool|skopeo|sudo|unshare|vitest';

/** All commands that stand in sentences, each once. */
export function saidCommands(pages: readonly Page[]): SaidCommand[] {
  const found = new Map<string, SaidCommand>();
  for (const { path, text } of pages)
    for (const { code, line } of inlineCode(text))
      if (new RegExp(`^(?:${programs}) `).test(code) && !found.has(code))
        found.set(code, { command: code, at: `${path}:${line}` });
  return [...found.values()];
}

/** The code between backticks of a text, outside of its blocks and comments, with its lines. */
function inlineCode(text: string): { readonly code: string; readonly line: number }[] {
  const blank = (hidden: string): string => hidden.replaceAll(/[^\n]/g, '');
  const prose = text
    .replaceAll(/^ *(`{3,})[^\n]*\n[\s\S]*?^ *\1 *$/gm, blank)
    .replaceAll(/^ *<!--[\s\S]*?-->/gm, blank);
  return Array.from(prose.matchAll(/`([^`]+)`/g), ({ 1: code = '', index }) => ({
    code: code.replaceAll('\\|', '|').replaceAll(/\s+/g, ' '),
    line: prose.slice(0, index).split('\n').length,
  }));
}
