import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { valuesOf, valuesSchema } from './describe-values.ts';
import { values } from './values.ts';
import { valuesFile } from './values-file.ts';

test('values.yaml says what is so when nothing is said', () => {
  const file = readFileSync(join(import.meta.dirname, '../../charts/grantor/values.yaml'), 'utf8');
  expect(values.parse(parse(file))).toEqual(values.parse({}));
  expect(parse(file)).toEqual(values.parse({}));
});

test('above each value stands what it means, in lines that fit on a screen', () => {
  const lines = valuesFile('header', valuesSchema()).split('\n');
  for (const { path } of valuesOf(valuesSchema())) {
    const key = path.split('.').at(-1) ?? '';
    const indent = '  '.repeat(path.split('.').length - 1);
    const places = lines.flatMap((line, index) => (line.startsWith(`${indent}${key}:`) ? [index] : []));
    expect(places, path).not.toEqual([]);
    for (const index of places) expect(lines[index - 1], path).toMatch(/^ *# /);
  }
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
});

test('a key that is not there is refused at every depth, but where keys are those of Kubernetes', () => {
  const wrong = { nodes: {}, controller: { replica: 1 }, metrics: { dashboard: { on: true } } };
  const { error } = values.safeParse(wrong);
  expect(error?.issues.map(({ code, path }) => [code, path.join('.')])).toEqual([
    ['unrecognized_keys', 'controller'],
    ['unrecognized_keys', 'metrics.dashboard'],
    ['unrecognized_keys', ''],
  ]);
  expect(values.safeParse({ controller: { resources: { claims: [] } } }).success).toBe(true);
});
