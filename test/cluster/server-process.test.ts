import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isRunning, type ProcessRecord, startServer, stopServer, tailOf } from './server-process.ts';

let dir: string;
let log: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-process-'));
  log = join(dir, 'server.log');
});
afterEach(() => rmSync(dir, { recursive: true }));

const sleeping = ['/bin/sleep', '60'] as const;

describe('stopServer', () => {
  it('ends the process and waits until it is gone', async () => {
    const { record } = startServer('sleep', [...sleeping], log, 'stop');
    await vi.waitUntil(() => isRunning(record));
    await stopServer(record);
    expect(isRunning(record)).toBe(false);
    await stopServer(record);
  });

  it('asks one that has to tidy up, and waits until it has', async () => {
    const tidy = `trap 'echo tidied; exit' TERM; echo up; while :; do sleep 0.02; done`;
    const { record } = startServer('sh', ['/bin/sh', '-c', tidy], log, 'stop', { endsOn: 'SIGTERM' });
    await vi.waitUntil(() => tailOf(log) === 'up');
    await stopServer(record);
    expect(tailOf(log)).toBe('up\ntidied');
  });

  it('spares a stranger that was given the recorded pid', async () => {
    const stranger = spawn('/bin/sleep', ['61']);
    try {
      const record = { name: 'etcd', pid: stranger.pid!, command: [...sleeping] };
      await stopServer(record);
      expect(stranger.kill(0)).toBe(true);
      expect(isRunning({ ...record, command: ['/bin/sleep', '61'] })).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});

describe('startServer', () => {
  it('notices that the program ended, and keeps what it said', async () => {
    const server = startServer('sh', ['/bin/sh', '-c', 'echo one; echo two >&2; exit 3'], log, 'parent');
    await vi.waitUntil(() => server.hasExited());
    expect(tailOf(server.logFile, 1)).toBe('two');
  });

  it('notices that the program could not be started at all', () => {
    expect(startServer('none', [join(dir, 'no-such-program')], log, 'parent').hasExited()).toBe(true);
  });

  it.each([
    ['parent', false],
    ['stop', true],
  ])(
    'with lifetime "%s", a parent that is killed leaves the server running: %s',
    async (lifetime, survives) => {
      const recordFile = join(dir, 'record.json');
      const script = join(dir, 'parent.mjs');
      const module = join(import.meta.dirname, 'server-process.ts');
      writeFileSync(
        script,
        `import { startServer } from ${JSON.stringify(module)};
       import { writeFileSync, renameSync } from 'node:fs';
       const { record } = startServer('sleep', ${JSON.stringify(sleeping)}, ${JSON.stringify(log)}, '${lifetime}');
       writeFileSync(${JSON.stringify(`${recordFile}.new`)}, JSON.stringify(record));
       renameSync(${JSON.stringify(`${recordFile}.new`)}, ${JSON.stringify(recordFile)});
       setInterval(() => {}, 1000);`,
      );
      const parent = spawn(process.execPath, [script], { stdio: 'inherit' });
      await vi.waitUntil(() => existsSync(recordFile), { timeout: 8000 });
      const record = JSON.parse(readFileSync(recordFile, 'utf8')) as ProcessRecord;
      await vi.waitUntil(() => isRunning(record));

      const gone = once(parent, 'exit');
      parent.kill('SIGKILL');
      await gone;
      if (survives) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(isRunning(record)).toBe(true);
        await stopServer(record);
      } else {
        await vi.waitUntil(() => !isRunning(record), { timeout: 3000 });
      }
    },
  );
});
