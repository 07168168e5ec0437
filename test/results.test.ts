import { describe, expect, test } from 'vitest';
import {
  judgeCanary,
  judgeLines,
  judgeRights,
  judgeSkips,
  readResults,
  summaryOf,
  together,
} from './results.ts';

const aTest = (fullName: string, status: string) => ({ fullName, status });
const aFile = (name: string, status: string, ...assertionResults: ReturnType<typeof aTest>[]) => ({
  name: `/repo/${name}`,
  status,
  assertionResults,
});

describe('the results of a run', () => {
  test('count what passed, failed and was skipped', () => {
    const testResults = [
      aFile('a.test.ts', 'passed', aTest('one', 'passed'), aTest('two', 'skipped')),
      aFile('b.test.ts', 'failed', aTest('three', 'failed'), aTest('four', 'todo')),
    ];
    const results = readResults({ success: false, testResults }, '/repo');
    expect(results).toEqual({
      passed: 1,
      failed: ['b.test.ts > three'],
      skipped: ['a.test.ts > two', 'b.test.ts > four'],
    });
    expect(summaryOf(results)).toBe('1 passed, 1 failed, 2 skipped');
  });

  test('count a file that breaks outside its tests, and a run that fails without a failed test', () => {
    const broken = aFile('a.test.ts', 'failed', aTest('one', 'skipped'));
    expect(readResults({ success: false, testResults: [broken] }, '/repo').failed).toEqual([
      'a.test.ts broke outside its tests',
    ]);
    const good = aFile('a.test.ts', 'passed', aTest('one', 'passed'));
    expect(readResults({ success: false, testResults: [good] }, '/repo').failed).toHaveLength(1);
    expect(summaryOf(readResults({ success: true, testResults: [good] }, '/repo'))).toBe(
      '1 passed, 0 failed',
    );
  });

  test('are those of all its parts', () => {
    const parts = [
      { passed: 2, failed: ['a'], skipped: ['b'] },
      { passed: 1, failed: [], skipped: ['c'] },
    ];
    expect(together(parts)).toEqual({ passed: 3, failed: ['a'], skipped: ['b', 'c'] });
  });

  test('in CI a skip that is not on the list is a failure', () => {
    const results = { passed: 1, failed: [], skipped: ['a > known', 'a > new'] };
    const allowed = [{ name: /known/, because: 'it needs a moon', when: () => true }];
    expect(summaryOf(judgeSkips(results, allowed, {}))).toBe('1 passed, 0 failed, 2 skipped');
    const judged = judgeSkips(results, allowed, { CI: 'true' });
    expect(summaryOf(judged)).toBe('1 passed, 1 failed, 1 skipped');
    expect(judged.failed).toEqual(['a > new was skipped, which test/allowed-skips.ts does not allow']);
    expect(judgeSkips(results, [{ ...allowed[0]!, when: () => false }], { CI: '1' }).failed).toHaveLength(2);
  });

  test('the leak canary is one more test; each hit is a failure, and so is a search for nothing where programs ran', () => {
    const results = { passed: 1, failed: [], skipped: [] };
    const judge = (secrets: number, hits: readonly string[], programsRan: boolean): string =>
      summaryOf(judgeCanary(results, { secrets, hits }, programsRan));
    expect(judge(7, [], true)).toBe('2 passed, 0 failed');
    expect(judge(7, ['a.log: byte 1', 'b.log: byte 2'], true)).toBe('1 passed, 2 failed');
    expect(judge(0, [], true)).toBe('1 passed, 1 failed');
    expect(judge(0, [], false)).toBe('2 passed, 0 failed');
  });

  test('the audit trail, and the log, is one more test: each fault is a failure, and so is a whole suite that leaves none', () => {
    const results = { passed: 1, failed: [], skipped: [] };
    const judge = (lines: number, faults: readonly string[], wholeSuite: boolean): string =>
      summaryOf(judgeLines(results, 'audit trail', { lines, faults }, wholeSuite));
    expect(judge(7, [], true)).toBe('2 passed, 0 failed');
    expect(judge(7, ['a.log: data.reason: Too big'], false)).toBe('1 passed, 1 failed');
    expect(judge(0, [], true)).toBe('1 passed, 1 failed');
    expect(judge(0, [], false)).toBe('2 passed, 0 failed');
  });

  test('the rights are one more test: nothing outside, nothing unused by the whole suite, and something seen where controllers ran', () => {
    const results = { passed: 1, failed: [], skipped: [] };
    const judge = (requests: number, outside: string[], unused: string[], wholeSuite: boolean): string =>
      summaryOf(judgeRights(results, { requests, outside, unused }, { programsRan: true, wholeSuite }));
    expect(judge(7, [], [], true)).toBe('2 passed, 0 failed');
    expect(judge(7, ['get secrets'], [], true)).toBe('1 passed, 1 failed');
    expect(judge(7, [], ['get secrets'], true)).toBe('1 passed, 1 failed');
    expect(judge(7, [], ['get secrets'], false)).toBe('2 passed, 0 failed');
    expect(judge(0, [], [], false)).toBe('1 passed, 1 failed');
    const nothing = { requests: 0, outside: [], unused: [] };
    const units = judgeRights(results, nothing, { programsRan: false, wholeSuite: false });
    expect(summaryOf(units)).toBe('2 passed, 0 failed');
  });
});
