import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { err, ok } from '../../src/std/result.ts';
import type { Source } from '../provision/provide.ts';
import { ensureBinaries } from './binaries.ts';
import { type BinaryName, binaryNames } from './binary-set.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'grantor-binaries-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

function putPrograms(directory: string, names: readonly BinaryName[] = binaryNames): void {
  mkdirSync(directory, { recursive: true });
  for (const name of names) writeFileSync(join(directory, name), '', { mode: 0o755 });
}

/** Counts how often it was asked. */
function aSource(folder: string, works: boolean): Source & { asked: number } {
  return {
    folder,
    asked: 0,
    async provide(directory) {
      this.asked++;
      if (!works) return err(`${folder} is out of reach`);
      putPrograms(directory);
      return ok(undefined);
    },
  };
}

describe('ensureBinaries', () => {
  it('takes KUBEBUILDER_ASSETS and asks no source', async () => {
    putPrograms(join(cache, 'assets'));
    const source = aSource('a', true);
    const env = { KUBEBUILDER_ASSETS: join(cache, 'assets'), GRANTOR_CACHE: cache };
    expect(await ensureBinaries(() => {}, { env, sources: [source] })).toEqual({
      etcd: join(cache, 'assets/etcd'),
      'kube-apiserver': join(cache, 'assets/kube-apiserver'),
      kubectl: join(cache, 'assets/kubectl'),
    });
    expect(source.asked).toBe(0);
  });

  it('names the program that KUBEBUILDER_ASSETS lacks', async () => {
    putPrograms(join(cache, 'assets'), ['etcd', 'kubectl']);
    const env = { KUBEBUILDER_ASSETS: join(cache, 'assets') };
    await expect(ensureBinaries(() => {}, { env })).rejects.toThrow(
      `KUBEBUILDER_ASSETS is ${join(cache, 'assets')}, which has no executable kube-apiserver: correct the variable or unset it`,
    );
  });

  it('provides once and finds them in the cache the next time', async () => {
    const source = aSource('a', true);
    const options = { env: { GRANTOR_CACHE: cache }, sources: [source] };
    const first = await ensureBinaries(() => {}, options);
    expect(await ensureBinaries(() => {}, options)).toEqual(first);
    expect(source.asked).toBe(1);
  });

  it('provides once for two that ask at the same time', async () => {
    const source = aSource('a', true);
    const options = { env: { GRANTOR_CACHE: cache }, sources: [source] };
    await Promise.all([ensureBinaries(() => {}, options), ensureBinaries(() => {}, options)]);
    expect(source.asked).toBe(1);
  });

  it('does not take half a cache for a whole one', async () => {
    putPrograms(join(cache, 'a'), ['etcd']);
    const source = aSource('a', true);
    await ensureBinaries(() => {}, { env: { GRANTOR_CACHE: cache }, sources: [source] });
    expect(source.asked).toBe(1);
  });

  it('prefers what a later source left in the cache to asking an earlier one', async () => {
    putPrograms(join(cache, 'b'));
    const earlier = aSource('a', true);
    const found = await ensureBinaries(() => {}, {
      env: { GRANTOR_CACHE: cache },
      sources: [earlier, aSource('b', true)],
    });
    expect(found.etcd).toBe(join(cache, 'b/etcd'));
    expect(earlier.asked).toBe(0);
  });

  it('goes on to the next source with one line', async () => {
    const lines: string[] = [];
    const found = await ensureBinaries((line) => lines.push(line), {
      env: { XDG_CACHE_HOME: cache },
      sources: [aSource('a', false), aSource('b', true)],
    });
    expect(lines).toEqual(['a is out of reach']);
    expect(found.kubectl).toBe(join(cache, 'grantor/b/kubectl'));
  });

  it('says in one sentence what to install when nothing works', async () => {
    const sources = [aSource('a', false), aSource('b', false)];
    await expect(ensureBinaries(() => {}, { env: { GRANTOR_CACHE: cache }, sources })).rejects.toThrow(
      /^no control plane binaries \(a is out of reach; b is out of reach\): install Go 1\.26 or newer, or .* KUBEBUILDER_ASSETS/,
    );
  });
});
