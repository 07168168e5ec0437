import { relative } from 'node:path';
import * as z from 'zod';
import type { AllowedSkip } from './allowed-skips.ts';
import type { Trail } from './audit/read-trail.ts';
import type { ScanResult } from './canary/scan.ts';
import type { Judgement } from './rights/judge.ts';

/** What of vitest's JSON report counts. */
const reportSchema = z.object({
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export interface Results {
  readonly passed: number;
  /** Names of what failed: tests, and files that broke before or after their tests. */
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/** Reads vitest's JSON report. A run that failed without a failed test, such as by an unhandled error, counts as one failure. */
export function readResults(report: unknown, root: string): Results {
  const { success, testResults } = reportSchema.parse(report);
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({
      name: `${relative(root, name)} > ${fullName}`,
      status,
    })),
  );
  const named = (wanted: (status: string) => boolean): string[] =>
    tests.filter(({ status }) => wanted(status)).map(({ name }) => name);
  const failedTests = named((status) => status === 'failed');
  const brokenFiles = testResults
    .filter(({ status, assertionResults }) => {
      return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
    })
    .map(({ name }) => `${relative(root, name)} broke outside its tests`);
  const failed = [...failedTests, ...brokenFiles];
  return {
    passed: named((status) => status === 'passed').length,
    failed: success || failed.length > 0 ? failed : ['an error outside all tests; see above'],
    skipped: named((status) => status !== 'passed' && status !== 'failed'),
  };
}

/** What the parts of a run came to. */
export const together = (parts: readonly Results[]): Results => ({
  passed: parts.reduce((sum, { passed }) => sum + passed, 0),
  failed: parts.flatMap(({ failed }) => failed),
  skipped: parts.flatMap(({ skipped }) => skipped),
});

/** In CI a skip that is not on the list is a failure: a test that nobody runs protects nothing. */
export function judgeSkips(
  results: Results,
  allowed: readonly AllowedSkip[],
  environment: NodeJS.ProcessEnv,
): Results {
  if (!environment['CI']) return results;
  const isAllowed = (name: string): boolean =>
    allowed.some((skip) => skip.when(environment) && skip.name.test(name));
  const forbidden = results.skipped.filter((name) => !isAllowed(name));
  return {
    ...results,
    failed: [
      ...results.failed,
      ...forbidden.map((name) => `${name} was skipped, which test/allowed-skips.ts does not allow`),
    ],
    skipped: results.skipped.filter(isAllowed),
  };
}

/** The search for leaked secrets counts as one more test. Where programs ran, one that knew of no secret has searched for nothing. */
export function judgeCanary(
  results: Results,
  { secrets, hits }: Pick<ScanResult, 'secrets' | 'hits'>,
  programsRan: boolean,
): Results {
  const faults = programsRan && secrets === 0 ? ['no secret was recorded, whatever leaked'] : hits;
  if (faults.length === 0) return { ...results, passed: results.passed + 1 };
  return { ...results, failed: [...results.failed, ...faults.map((fault) => `leak canary: ${fault}`)] };
}

/**
 * What the audit logs say counts as one more test. Where controllers ran, logs that know of no request have shown nothing; a right that the
 * whole suite never used is one that nobody needs.
 */
export function judgeRights(
  results: Results,
  { requests, outside, unused }: Judgement,
  { programsRan, wholeSuite }: { readonly programsRan: boolean; readonly wholeSuite: boolean },
): Results {
  const faults = [
    ...(programsRan && requests === 0 ? ['no request of a controller was logged'] : []),
    ...outside,
    ...(wholeSuite ? unused.map((right) => `nothing needs the right to ${right}`) : []),
  ];
  if (faults.length === 0) return { ...results, passed: results.passed + 1 };
  return { ...results, failed: [...results.failed, ...faults.map((fault) => `declared rights: ${fault}`)] };
}

/** What programs wrote counts as one more test: each line keeps to its contract, and the whole suite writes some. */
export function judgeLines(
  results: Results,
  what: 'audit trail' | 'log',
  { lines, faults }: Pick<Trail, 'lines' | 'faults'>,
  wholeSuite: boolean,
): Results {
  const wrong = wholeSuite && lines === 0 ? ['no program wrote a line'] : faults;
  if (wrong.length === 0) return { ...results, passed: results.passed + 1 };
  return { ...results, failed: [...results.failed, ...wrong.map((fault) => `${what}: ${fault}`)] };
}

/** The last line of a run. */
export const summaryOf = ({ passed, failed, skipped }: Results): string =>
  `${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
