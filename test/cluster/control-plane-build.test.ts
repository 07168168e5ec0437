import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { controlPlaneBuild } from './control-plane-build.ts';

describe('controlPlaneBuild', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('names its cache folder by the versions that go.mod pins', () => {
    expect(controlPlaneBuild.folder).toMatch(/^kubernetes-v1\.\d+\.\d+-etcd-v3\.\d+\.\d+-\w+-\w+$/);
  });

  it('says so when Go is not installed', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'grantor-go-'));
    vi.stubEnv('PATH', dir);
    expect(await controlPlaneBuild.provide(dir, () => {})).toEqual({
      ok: false,
      error: 'Go 1.26 or newer is not installed',
    });
    expect(readdirSync(dir)).toEqual([]);
    rmSync(dir, { recursive: true });
  });
});
