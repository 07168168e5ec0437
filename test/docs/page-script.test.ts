import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blocksOf, whyNotRun } from './blocks.ts';
import { isAsPrinted, outputsOf, scriptOf, stepsOf } from './page-script.ts';

const text = `# Page

\`\`\`sh
cd /
alias say=echo
\`\`\`

1. In a list:

   \`\`\`sh
   say "in $PWD"
   \`\`\`

   \`\`\`text
   in /
   \`\`\`

<!-- not run: it would
take too long -->

\`\`\`sh
exit 1
\`\`\`

<!-- runs on, and says: up -->

\`\`\`sh
say up; sleep 60
\`\`\`

\`\`\`sh
say after
\`\`\`
`;

test('blocks are found with their lines, their comments and without the indentation of a list', () => {
  expect(blocksOf(text).map(({ line, language }) => `${line} ${language}`)).toEqual([
    '3 sh',
    '10 sh',
    '14 text',
    '21 sh',
    '27 sh',
    '31 sh',
  ]);
  expect(blocksOf(text)[1]?.content).toBe('say "in $PWD"');
  expect(blocksOf(text).map(whyNotRun).filter(Boolean)).toEqual(['it would take too long']);
});

test('they are run in one shell, what goes on beside the next, and each has its output', () => {
  const steps = stepsOf({ path: 'page.md', text });
  const script = `${scriptOf(steps, '::')}\nkill %1`;
  const LOGS = mkdtempSync(join(tmpdir(), 'grantor-page-'));
  const output = execFileSync('bash', ['-c', `eval "$0"`, script], {
    encoding: 'utf8',
    env: { ...process.env, LOGS },
  });
  expect([...outputsOf(output, '::')]).toEqual([
    ['page.md:3', ''],
    ['page.md:10', 'in /\n'],
    ['page.md:27', ''],
    ['page.md:31', 'after\n'],
    ['end', ''],
  ]);
  expect(steps.map(({ prints }) => prints)).toEqual([undefined, 'in /', undefined, undefined]);
});

test.each([
  ['NAME  AGE\nx  …', 'NAME      AGE\nx         3s\n', true],
  ['NAME  AGE\nx  …', 'NAME      AGE\n', false],
  ['a\n…\nz', 'a\nb\nc\nz', true],
  ['a.b', 'axb', false],
])('%j is what %j is: %s', (prints, output, same) => {
  expect(isAsPrinted(prints, output)).toBe(same);
});
