import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { goToolIfAny } from '../provision/go-tool.ts';
import { root } from '../stage/stage.ts';
import { promtool } from '../tools/promtool/promtool.ts';
import { faultsOf, knownMetrics } from './queries.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

const file = join(root, 'charts/grantor/files/alerts.yaml');
const cases = join(root, 'test/monitoring/alerts.test.yaml');
const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter((rule) => rule.alert !== undefined).map((rule) => [rule.alert!, rule] as const);
const recorded = new Set(rules.flatMap(({ record }) => record ?? []));
const known = await knownMetrics();
const program = await goToolIfAny(promtool);

test.each(rules.map((rule) => [rule.alert ?? rule.record, rule.expr]))(
  '%s asks for metrics that there are',
  (_, expr) => {
    expect(faultsOf(expr, known, recorded)).toEqual([]);
  },
);

describe.each(alerts)('%s', (name, { labels, annotations = {} }) => {
  test('says how bad it is, what it means, and where to read on', () => {
    expect(labels?.severity).toMatch(/^(critical|warning)$/);
    expect(annotations['summary']?.length).toBeLessThan(80);
    expect(annotations['description']).toMatch(/\.$/);
    expect(annotations['runbook_url']).toBe(`https://grantor.dev/docs/runbooks/${name}`);
  });

  test('has a page that says what it means, harms, how to find the cause and what to do', () => {
    const path = join(root, `docs/runbooks/${name}.md`);
    expect(existsSync(path)).toBe(true);
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith(`# ${name}\n`)).toBe(true);
    const headings = Array.from(text.matchAll(/^## (.*)$/gm), ([, heading]) => heading);
    expect(headings).toEqual(['Meaning', 'Impact', 'Diagnosis', 'Mitigation']);
    const spans = Array.from(text.matchAll(/`([^`\n]+)`/g), ([, span]) => span!);
    const commands = spans.filter((span) => /^(kubectl|jq) /.test(span));
    const queries = spans.filter((span) => !commands.includes(span) && /[a-z]+_[a-z_]+.*[{)\]]/.test(span));
    expect(commands.length + queries.length).toBeGreaterThan(1);
    expect(queries.flatMap((query) => faultsOf(query, known, recorded))).toEqual([]);
  });

  test('has a case in which it fires, and one in which it does not', () => {
    const { tests } = parse(readFileSync(cases, 'utf8')) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[];
    };
    const own = tests
      .flatMap(({ alert_rule_test }) => alert_rule_test)
      .filter(({ alertname }) => alertname === name);
    expect(own.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true);
    expect(own.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true);
  });
});

describe.skipIf(program === undefined)('Prometheus', () => {
  const run = promisify(execFile);

  test('takes the rules', async () => {
    const { stdout } = await run(program!, ['check', 'rules', '--lint=all', '--lint-fatal', file]);
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
  }, 60_000);

  test('has each alert fire where it is to, with these words, and not elsewhere', async () => {
    await expect(run(program!, ['test', 'rules', cases])).resolves.toMatchObject({
      stdout: expect.stringContaining('SUCCESS'),
    });
  }, 60_000);
});
