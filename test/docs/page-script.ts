import { type Block, blocksOf, saysOnceUp, whyNotRun } from './blocks.ts';

/** A block of commands that is run, and what stands right below it as what it prints. */
export interface Step {
  readonly block: Block;
  readonly prints: string | undefined;
}

/** The blocks of a page that are run, in their order. */
export function stepsOf(text: string): Step[] {
  const blocks = blocksOf(text);
  return blocks.flatMap((block, at) => {
    if (block.language !== 'sh' || whyNotRun(block) !== undefined) return [];
    const below = blocks[at + 1];
    return [{ block, prints: below?.language === 'text' ? below.content : undefined }];
  });
}

/**
 * A script of bash that runs them in one shell, as somebody would who types them: variables, aliases and folders stay. Before each it prints
 * `marker` and the line of the block, and it ends at the first command that fails.
 */
export const scriptOf = (steps: readonly Step[], marker: string): string =>
  [
    'set -euo pipefail; shopt -s expand_aliases',
    ...steps.map(({ block }) => {
      const says = saysOnceUp(block);
      const run = says === undefined ? block.content : goingOn(block.content, says, block.line);
      return `printf '%s %s\\n' '${marker}' ${block.line}\n${run}`;
    }),
    `printf '%s end\\n' '${marker}'`,
  ].join('\n');

const goingOn = (content: string, says: string, line: number): string => `
(
${content}
) > "$LOGS/${line}.log" 2>&1 &
until grep -qF '${says}' "$LOGS/${line}.log"; do
  sleep 0.2
  kill -0 $! 2>/dev/null || { cat "$LOGS/${line}.log"; exit 1; }
done`;

/** What each block printed, by its line; the last one is where it ended early, or `end`. */
export function outputsOf(output: string, marker: string): Map<string, string> {
  const parts = output.split(marker).slice(1);
  return new Map(
    parts.map((part) => {
      const [first = '', ...rest] = part.split('\n');
      return [first.trim(), rest.join('\n')];
    }),
  );
}

/** Whether an output is what the page says: `…` in a line stands for anything in it, and alone on a line for any number of lines. */
export function isAsPrinted(prints: string, output: string): boolean {
  const pattern = tidy(prints)
    .map((line) =>
      line.trim() === '…'
        ? '(?:.*\\n)*'
        : `${line.split('…').map(quoted).join('.*')}\\n`.replaceAll(/ +/g, ' +'),
    )
    .join('');
  return new RegExp(`^${pattern}$`).test(`${tidy(output).join('\n')}\n`);
}

const tidy = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trimEnd());
const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
