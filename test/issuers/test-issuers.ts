import { basename, join } from 'node:path';
import { expect, inject } from 'vitest';
import { runDirectory } from '../cluster/global-setup.ts';
import { startHydra } from './start-hydra.ts';
import type { Keycloak } from './start-keycloak.ts';

/** The Keycloak of the run, of which each file takes a realm; undefined where it cannot be had: then its tests skip themselves. */
export function testKeycloak(): Keycloak | undefined {
  return inject('issuers').keycloak ?? undefined;
}

/** Whether `startTestHydra` can start one; its tests skip themselves where it can't. */
export const hydraIsThere = (): boolean => inject('issuers').hydra !== null;

/** A Hydra for the test file that asks. */
export async function startTestHydra(config: Readonly<Record<string, object>> = {}) {
  const { dir, remove } = runDirectory('hydra');
  const name = basename(expect.getState().testPath ?? 'hydra', '.issuers.test.ts');
  const hydra = await startHydra({ dir: join(dir, name), report: () => {}, config });
  return {
    ...hydra,
    async stop() {
      await hydra.stop();
      remove();
    },
  };
}
