/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  readonly content: string;
  /** Of its fence. */
  readonly line: number;
  /** The HTML comment right above it, if there is one. */
  readonly comment: string | undefined;
}

/** The fenced blocks of a page in their order, those of list items without their indentation. */
export function blocksOf(text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', fence, language = ''] = /^( *)(`{3,})(\w*) *$/.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
    if (end < 0) throw new Error(`the block of line ${at + 1} has no end`);
    const content = lines
      .slice(at + 1, end)
      .map((line) => line.slice(Math.min(indent.length, line.search(/\S|$/))));
    blocks.push({ language, content: content.join('\n'), line: at + 1, comment: commentAbove(lines, at) });
    at = end;
  }
  return blocks;
}

function commentAbove(lines: readonly string[], at: number): string | undefined {
  const above = lines.slice(0, at).join('\n').trimEnd();
  if (!above.endsWith('-->')) return undefined;
  return above
    .slice(above.lastIndexOf('<!--') + 4, -3)
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Why a block of commands is not run: `<!-- not run: … -->`. */
export const whyNotRun = ({ comment }: Block): string | undefined =>
  /^not run: (.+)$/.exec(comment ?? '')?.[1];

/** What a command prints that goes on: `<!-- runs on, and says: … -->`. The next block is run once it has said so. */
export const saysOnceUp = ({ comment }: Block): string | undefined =>
  /^runs on, and says: (.+)$/.exec(comment ?? '')?.[1];

/** What goes on from here and is run before this block: pages, and the commands in `sentences` of all pages. `<!-- first run: A, B -->`. */
export const runBefore = ({ comment }: Block): readonly string[] =>
  /^first run: (.+)$/.exec(comment ?? '')?.[1]?.split(', ') ?? [];

/** The file, a test or CI, that runs these commands in another way: `<!-- run by: … -->`. */
export const runElsewhere = ({ comment }: Block): string | undefined =>
  /^run by: (\S+)$/.exec(comment ?? '')?.[1];
