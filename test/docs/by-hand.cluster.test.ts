import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../stage/stage.ts';
import { runPage, whyNoPages } from './own-network.ts';
import { stepsOf } from './page-script.ts';

const page = 'docs/by-hand.md';

test.skipIf(whyNoPages() !== undefined)('every command of "by hand" does what the page says', async () => {
  const told = await runPage(page);
  const steps = stepsOf(readFileSync(join(root, page), 'utf8'));
  expect(told.trim().split('\n')).toEqual(steps.map(({ block }) => `${page}:${block.line} ran`));
});
