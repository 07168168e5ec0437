import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openApi } from './api.ts';
import { readState, writeState } from './cluster-state.ts';
import { isRunning, stopServer } from './server-process.ts';
import { clusterHealth, standUp, takeDown } from './standing-cluster.ts';

describe('a standing cluster', () => {
  let parent: string;
  let dir: string;
  let lines: string[];
  const report = (line: string): void => void lines.push(line);
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'grantor-standing-'));
    dir = join(parent, 'cluster');
    lines = [];
  });
  afterEach(async () => {
    await takeDown(dir, report);
    rmSync(parent, { recursive: true });
  });

  it('goes up once, says so when asked again, and goes down once', async () => {
    const [first, second] = await Promise.all([standUp(dir, report), standUp(dir, report)]);
    expect(second.server).toBe(first.server);
    expect(lines).toContain('the control plane is already up');
    expect(await clusterHealth(dir)).toBe('up');

    const { processes } = readState(dir)!;
    expect(processes.map(({ name }) => name)).toEqual(['etcd', 'kube-apiserver']);
    expect(await takeDown(dir, report)).toBe(true);
    expect(processes.some(isRunning)).toBe(false);
    expect(await takeDown(dir, report)).toBe(false);
    expect(await clusterHealth(dir)).toBe('down');
  });

  it('replaces one that lost a server', async () => {
    const broken = await standUp(dir, report);
    await stopServer(readState(dir)!.processes[1]!);
    expect(await clusterHealth(dir)).toBe('partly');

    const whole = await standUp(dir, report);
    expect(whole.server).not.toBe(broken.server);
    const api = openApi(whole.adminKubeconfig);
    expect((await api.send('GET', '/api/v1/namespaces/default')).status).toBe(200);
    await api.close();
  });

  it('goes down without killing a stranger that got the pid of one of its servers', async () => {
    await standUp(dir, report);
    const state = readState(dir)!;
    const [etcd, apiServer] = state.processes;
    const stranger = spawn('/bin/sleep', ['60']);
    try {
      await stopServer(apiServer!);
      writeState(dir, { ...state, processes: [etcd!, { ...apiServer!, pid: stranger.pid! }] });
      expect(await takeDown(dir, report)).toBe(true);
      expect(isRunning(etcd!)).toBe(false);
      expect(stranger.kill(0)).toBe(true);
      expect(stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});
