import { expect, test } from 'vitest';
import { runPage, whyNoPages } from './own-network.ts';
import { stepsOf } from './page-script.ts';
import { pageAt } from './pages.ts';

const page = 'docs/by-hand.md';

test.skipIf(whyNoPages() !== undefined)('every command of "by hand" does what the page says', async () => {
  const told = await runPage(page);
  const steps = stepsOf(pageAt(page));
  expect(told.trim().split('\n')).toEqual(steps.map(({ at }) => `${at} ran`));
});
