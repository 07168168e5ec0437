import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ensureHydra } from './hydra-program.ts';
import { findJava } from './java.ts';
import { ensureKeycloak } from './keycloak-distribution.ts';

/** A machine with these programs and nothing in the cache. */
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-provision-'));
  vi.stubEnv('PATH', dir);
  vi.stubEnv('JAVA_HOME', '');
  vi.stubEnv('GRANTOR_CACHE', join(dir, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

function installJava(version: string, directory = dir): void {
  mkdirSync(directory, { recursive: true });
  // As OpenJDK, on standard error.
  writeFileSync(join(directory, 'java'), `#!/bin/sh\necho 'openjdk version "${version}" 2025-04-15' >&2\n`, {
    mode: 0o755,
  });
}

const refusal = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'it is there',
    (error: Error) => error.message,
  );

describe('a machine that lacks something is told in one line what to install', () => {
  test('Java', async () => {
    expect(await refusal(ensureKeycloak(() => {}))).toBe(
      'no Keycloak (Java 17 or newer is not installed): install Java 17 or newer and Maven',
    );
  });

  test('Maven', async () => {
    installJava('21.0.7');
    expect(await refusal(ensureKeycloak(() => {}))).toBe(
      'no Keycloak (Maven is not installed): install Java 17 or newer and Maven',
    );
  });

  test('Go', async () => {
    expect(await refusal(ensureHydra(() => {}))).toBe(
      'no Hydra (Go 1.26 or newer is not installed): install Go 1.26 or newer and a C compiler',
    );
  });
});

describe('the Java for Keycloak', () => {
  test('is that of JAVA_HOME, else that of PATH', async () => {
    installJava('17.0.15');
    expect(await findJava()).toEqual({ program: 'java', version: '17.0.15' });
    installJava('25', join(dir, 'jdk/bin'));
    vi.stubEnv('JAVA_HOME', join(dir, 'jdk'));
    expect(await findJava()).toEqual({ program: join(dir, 'jdk/bin/java'), version: '25' });
  });

  test.each(['1.8.0_412', '11.0.2', 'unknown'])('is none of version %s', async (version) => {
    installJava(version);
    expect(await findJava()).toBeUndefined();
  });
});
