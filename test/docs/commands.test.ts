import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../stage/stage.ts';
import { blocksOf, runElsewhere, whyNotRun } from './blocks.ts';
import { notRun, whyNobodyRuns } from './not-run.ts';
import { pages } from './pages.ts';
import { runnablePages } from './runnable.ts';
import { checkOnCheckout } from './said-on-checkout.ts';
import { onCluster } from './said-on-cluster.ts';
import { saidCommands } from './sentences.ts';

const all = pages();
const commands = all.flatMap(({ path, text }) =>
  blocksOf(text).flatMap((block) => (block.language === 'sh' ? [{ path, block }] : [])),
);

test('every block of commands is run by a test, or says above it who runs it or why nobody does', () => {
  const silent = commands.filter(
    ({ path, block }) =>
      !(path in runnablePages) && whyNotRun(block) === undefined && runElsewhere(block) === undefined,
  );
  expect(silent.map(({ path, block }) => `${path}:${block.line}`)).toEqual([]);
});

test('who is said to run them is there', () => {
  const named = [
    ...Object.values(runnablePages),
    ...commands.flatMap(({ block }) => runElsewhere(block) ?? []),
  ];
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('those that nobody runs are few, and each has its reason', () => {
  const reasons = commands.flatMap(
    ({ path, block }) => whyNotRun(block)?.replace(/^/, `${path}:${block.line} `) ?? [],
  );
  console.log(['commands in the docs that no test runs:', ...reasons].join('\n  '));
  expect(reasons.length).toBeLessThan(commands.length / 2);
  expect(reasons.filter((reason) => reason.split(' ').length < 5)).toEqual([]);
});

test('what is typed into a shell stands in a block of sh', () => {
  const hidden = all.flatMap(({ path, text }) =>
    blocksOf(text).flatMap(({ language, content, line }) =>
      ['', 'bash', 'shell', 'console'].includes(language) &&
      /^ *(?:\$ )?(kubectl |helm |make |npx |curl )/m.test(content)
        ? [`${path}:${line}`]
        : [],
    ),
  );
  expect(hidden).toEqual([]);
});

describe('a command in a sentence', () => {
  const said = saidCommands(all);

  test('is run on the cluster of the quickstart, is held against the checkout, or has a reason why neither', () => {
    expect(said.length).toBeGreaterThan(100);
    const silent = said.filter(({ command }) => {
      const answers = [onCluster(command), checkOnCheckout(command), whyNobodyRuns(command)];
      return answers.filter((answer) => answer !== undefined).length !== 1;
    });
    expect(silent).toEqual([]);
  });

  test('that is for a checkout, is about what is there', { timeout: 30_000 }, () => {
    const wrong = said.flatMap(({ command, at }) => {
      const fault = checkOnCheckout(command)?.(command);
      return fault === undefined ? [] : [`${at} ${command}: ${fault}`];
    });
    expect(wrong).toEqual([]);
  });

  test('that nobody runs, is one that stands somewhere', () => {
    expect(notRun.filter(([start]) => !said.some(({ command }) => command.startsWith(start)))).toEqual([]);
  });
});

test('every target of make that a page names is there', () => {
  const targets = new Set(
    Array.from(
      readFileSync(join(root, 'Makefile'), 'utf8').matchAll(/^([a-z][a-z0-9-]*):/gm),
      ([, name]) => name,
    ),
  );
  const named = all.flatMap(({ path, text }) =>
    Array.from(text.matchAll(/(?:^|`)make ([a-z][a-z0-9-]*)/gm), ([, target]) => ({ path, target })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ target }) => !targets.has(target))).toEqual([]);
});
