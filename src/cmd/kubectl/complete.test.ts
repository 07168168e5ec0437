import { expect, test } from 'vitest';
import { type CompletionSource, complete, type Written } from './complete.ts';
import { kubectlGrantor } from './program.ts';

/** A cluster that says with which flags it was asked. */
const source = (written: Written): CompletionSource => ({
  namespaces: () => Promise.resolve(['acme-prod', 'acme-test']),
  contexts: () => Promise.resolve(['here', 'there']),
  objects: (begun) =>
    Promise.resolve(
      begun.includes('/')
        ? [`oac/billing-of-${written['namespace'] ?? 'default'}`]
        : ['oauthclient/', 'oauthissuer/'],
    ),
});

const completed = async (...words: string[]): Promise<string> => {
  const { candidates, directive } = await complete(kubectlGrantor(), words, source);
  return `${candidates.map((candidate) => candidate.split('\t', 1)[0]).join(' ')} :${directive}`;
};

test.each<[what: string, words: string[], candidates: string]>([
  ['a command', ['stat'], 'status :4'],
  ['a flag of the command and of all commands', ['status', '--n'], '--no-headers --namespace :4'],
  ['a format', ['status', '-o', 'j'], 'json :4'],
  ['a namespace', ['status', '-n', 'acme-t'], 'acme-test :4'],
  ['a context', ['--context', ''], 'here there :4'],
  ['nothing where nothing is expected', ['status', ''], ' :4'],
  ['nothing for a value that nobody knows', ['status', '--as', ''], ' :4'],
])('completes %s', async (_, words, candidates) => {
  expect(await completed(...words)).toBe(candidates);
});

test('never proposes what is for kubectl only', async () => {
  expect(await completed('_')).toBe(' :4');
});

test('keeps quiet while the cluster is away', async () => {
  const away = { ...source({}), namespaces: () => Promise.reject(new Error('away')) };
  expect(await complete(kubectlGrantor(), ['status', '-n', ''], () => away)).toEqual({
    candidates: [],
    directive: 4,
  });
});
