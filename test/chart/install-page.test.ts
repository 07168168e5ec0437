import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { blocksOf } from '../docs/blocks.ts';
import { goToolIfAny } from '../provision/go-tool.ts';
import { parseManifests } from '../stage/manifests.ts';
import { helm } from '../tools/helm/helm.ts';
import { renderChart } from './render-chart.ts';

const program = await goToolIfAny(helm);
const root = join(import.meta.dirname, '../..');
const ours = ['docs/install.md', 'docs/observability.md', 'charts/grantor/README.md'].flatMap((page) =>
  blocksOf(readFileSync(join(root, page), 'utf8')).filter(({ comment = '' }) =>
    comment.endsWith('test/chart/install-page.test.ts'),
  ),
);

describe.skipIf(program === undefined)('how to install', () => {
  test.each(ours.filter(({ language }) => language === 'sh').map(({ content }) => content))(
    'a command has values that the chart takes: %s',
    (content) => {
      // What is said to a cluster, said to nobody.
      const rendering = content
        .replace(/^helm (install|upgrade)/m, 'helm template')
        .replace(/ --(wait|create-namespace|reset-then-reuse-values)\b/g, '');
      const path = `${dirname(program!)}:${process.env['PATH']}`;
      const output = execFileSync('sh', ['-ec', rendering], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, PATH: path },
        maxBuffer: 16 * 1024 * 1024,
      });
      expect(parseManifests(output).length).toBeGreaterThan(30);
    },
  );

  test.each(ours.filter(({ language }) => language === 'yaml').map(({ content }) => content))(
    'values are values of the chart, and change something: %s',
    (content) => {
      const changed = renderChart(program!, { values: parse(content) as object });
      expect(changed).not.toBe(renderChart(program!));
    },
  );

  test('there are some of both', () => {
    expect(new Set(ours.map(({ language }) => language))).toEqual(new Set(['sh', 'yaml']));
  });
});
