import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureGoTool } from '../../provision/go-tool.ts';
import { csiSanity } from '../csi-sanity.ts';
import { nodeObstacle } from './availability.ts';
import { ensureNodePrograms } from './programs.ts';

/** A machine with these programs and nothing in the cache. */
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-node-'));
  vi.stubEnv('PATH', dir);
  vi.stubEnv('GRANTOR_CACHE', join(dir, 'cache'));
  vi.spyOn(process, 'getuid').mockReturnValue(0);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

const install = (program: string, script: string): void =>
  writeFileSync(join(dir, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

describe.runIf(process.platform === 'linux')('a machine that can have no node says why', () => {
  it('when it is used without root', () => {
    vi.mocked(process.getuid!).mockReturnValue(1000);
    expect(nodeObstacle()).toBe('a node needs root, as it mounts and makes namespaces');
  });

  it('when a program is missing', () => {
    install('ip', 'exit 0');
    expect(nodeObstacle()).toBe('a node needs nsenter: install util-linux and iproute2');
  });

  it('when root may not do what root usually may', () => {
    install('ip', 'exit 0');
    install('nsenter', 'exit 0');
    install('unshare', 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1');
    expect(nodeObstacle()).toBe(
      'a node cannot be had here: unshare: unshare failed: Operation not permitted',
    );
    install('unshare', 'exit 0');
    expect(nodeObstacle()).toBeUndefined();
  });

  it('when its programs can neither be found nor built', async () => {
    await expect(ensureNodePrograms(() => {})).rejects.toThrow(
      'no programs of a node (Go 1.26 or newer is not installed): install Go 1.26 or newer and a C compiler',
    );
    await expect(ensureGoTool(csiSanity, () => {})).rejects.toThrow(
      'no csi-sanity (Go 1.26 or newer is not installed): install Go 1.26 or newer',
    );
  });
});
