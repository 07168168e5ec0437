import { type Block, blocksOf, runBefore, saysOnceUp, whyNotRun } from './blocks.ts';
import { type Page, pageAt, pages } from './pages.ts';
import { onCluster } from './said-on-cluster.ts';
import { saidCommands } from './sentences.ts';

/** A block of commands that is run, and what stands right below it as what it prints. */
export interface Step {
  /** Its page and line. */
  readonly at: string;
  readonly block: Block;
  readonly prints: string | undefined;
}

/** The blocks of a page that are run, in their order, with those of pages that are to be run before one of them. */
export function stepsOf({ path, text }: Page): Step[] {
  const blocks = blocksOf(text);
  return blocks.flatMap((block, at) => {
    if (block.language !== 'sh' || whyNotRun(block) !== undefined) return [];
    const below = blocks[at + 1];
    const prints = below?.language === 'text' ? below.content : undefined;
    const before = runBefore(block).flatMap((what) =>
      what === 'sentences' ? stepsInSentences(pages()) : stepsOf(pageAt(what)),
    );
    return [...before, { at: `${path}:${block.line}`, block, prints }];
  });
}

/** What stands in sentences of pages and is run on the cluster of the quickstart, in the namespace of its workload. */
function stepsInSentences(of: readonly Page[]): Step[] {
  const step = (at: string, content: string): Step => ({
    at,
    block: { language: 'sh', content, line: 0, comment: undefined },
    prints: undefined,
  });
  const said = saidCommands(of).flatMap(({ at, command }) => {
    const content = onCluster(command);
    return content === undefined ? [] : [step(`${at} in a sentence`, content)];
  });
  return [step('sentences', 'kubectl config set-context --current --namespace acme-prod'), ...said];
}

/**
 * A script of bash that runs them in one shell, as somebody would who types them: variables, aliases and folders stay. Before each it prints
 * `marker` and where the block is, and it ends at the first command that fails.
 */
export const scriptOf = (steps: readonly Step[], marker: string): string =>
  [
    'set -euo pipefail; shopt -s expand_aliases',
    ...steps.map(({ at, block }) => {
      const says = saysOnceUp(block);
      const run = says === undefined ? block.content : goingOn(block.content, says, block.line);
      return `printf '%s %s\\n' '${marker}' '${at}'\n${run}`;
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

/** What each block printed, by where it is; the last one is where it ended early, or `end`. */
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
