import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { goToolIfAny } from '../provision/go-tool.ts';
import { root } from '../stage/stage.ts';
import { promtool } from '../tools/promtool/promtool.ts';
import { faultsOf, knownMetrics } from './queries.ts';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface DrawnPanel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Place;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const { panels } = JSON.parse(readFileSync(join(root, 'charts/grantor/files/dashboard.json'), 'utf8')) as {
  panels: DrawnPanel[];
};
const known = await knownMetrics();
/** As Grafana would send a query, with all of both variables. */
const sent = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(issuer|tenant)/g, '.*');
const program = await goToolIfAny(promtool);
const queries = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

describe('the dashboard', () => {
  test.each(queries.map(({ title, expr, legendFormat }) => [title, expr, legendFormat]))(
    '%s asks for metrics that there are: %s',
    (_, expr, legend) => {
      const asked = sent(expr);
      expect(faultsOf(asked, known)).toEqual([]);
      // A legend names labels that the query keeps.
      for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g))
        expect(asked).toMatch(new RegExp(`\\b${label}\\b`));
    },
  );

  test('has no panel over another, and each id once', () => {
    const overlaps = (a: Place, b: Place): boolean =>
      a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
    const pairs = panels.flatMap((one, at) => panels.slice(at + 1).map((other) => [one, other] as const));
    expect(pairs.filter(([one, other]) => overlaps(one.gridPos, other.gridPos))).toEqual([]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  test('shows every metric of the product', () => {
    const text = queries.map(({ expr }) => expr).join('\n');
    const elsewhere = [
      // Rare events, for which there are alerts or lines in the audit trail.
      'grantor_secrets_tampered_total',
      'grantor_orphans_deregistered_total',
      'grantor_credential_rotations_deferred_total',
      'grantor_node_volumes_leaked_total',
    ];
    const ours = [...known.keys()]
      .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
      .filter((name) => name.startsWith('grantor_'));
    expect(ours.filter((name) => !text.includes(name) && !elsewhere.includes(name))).toEqual([]);
  });

  test.skipIf(program === undefined)(
    'has queries that Prometheus can read',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'grantor-dashboard-'));
      // What can be a rule is a query.
      const rules = queries.map(({ expr }, at) => ({ record: `query:${at}`, expr: sent(expr) }));
      const file = join(dir, 'rules.yaml');
      writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }));
      const checked = promisify(execFile)(program!, ['check', 'rules', '--lint=none', file]);
      await expect(checked.finally(() => rmSync(dir, { recursive: true }))).resolves.toMatchObject({
        stdout: expect.stringContaining(`SUCCESS: ${queries.length} rules found`),
      });
    },
    60_000,
  );
});
