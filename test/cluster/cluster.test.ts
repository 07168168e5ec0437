import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-cluster-cli-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'cluster.ts'), ...args], {
    encoding: 'utf8',
  });
}

describe('cluster.ts', () => {
  it.each([
    [['up', '--dri', 'x'], "cluster: Unknown option '--dri' (--help explains)\n"],
    [['up', '--dir'], "cluster: Option '--dir <value>' argument missing (--help explains)\n"],
    [['up', 'down'], 'cluster: "down" is too much (--help explains)\n'],
    [
      ['up', '--nodes', 'many'],
      'cluster: --nodes takes a number from 0 to 9, not "many" (--help explains)\n',
    ],
    [['fly'], 'cluster: "fly" is no command: say up, down or status (--help explains)\n'],
    [[], 'cluster: a command is missing: say up, down or status (--help explains)\n'],
  ])('answers %j with one line and exit code 2', (args, line) => {
    expect(run(...args)).toMatchObject({ status: 2, stdout: '', stderr: line });
  });

  it('explains itself', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--dir DIR');
  });

  it('has nothing to stop where nothing was started', () => {
    expect(run('down', '--dir', join(dir, 'none'))).toMatchObject({ status: 0, stderr: '' });
    expect(run('status', '--dir', join(dir, 'none'))).toMatchObject({ status: 1, stderr: '' });
    // Two programs, one after the other, on a machine that may have much else to do.
  }, 30_000);

  it('touches no folder that holds something else', () => {
    writeFileSync(join(dir, 'thesis.txt'), 'irreplaceable');
    const { status, stderr } = run('up', '--dir', dir);
    expect(status).toBe(1);
    expect(stderr).toMatch(/neither empty nor a control plane's folder/);
    expect(readdirSync(dir)).toEqual(['thesis.txt']);
  });
});
