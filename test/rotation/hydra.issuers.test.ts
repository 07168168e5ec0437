import { readFileSync } from 'node:fs';
import { describe } from 'vitest';
import { createHydraDriver } from '../../src/issuers/hydra/hydra-driver.ts';
import { systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { systemRng } from '../../src/std/rng.ts';
import { hydraIsThere, startTestHydra } from '../issuers/test-issuers.ts';
import { describeRotationUnderLoad } from './rotation-under-load.ts';

describe.skipIf(!hydraIsThere())('credentials at a real Hydra', () => {
  describeRotationUnderLoad(
    {
      name: 'Hydra',
      capabilities: ['PrivateKeyAuthentication', 'SecretAuthentication', 'ChooseSecret', 'Update'],
    },
    async () => {
      const hydra = await startTestHydra();
      return {
        issuer: hydra.url,
        another: () =>
          createHydraDriver({
            ...{ issuer: hydra.url, adminURL: hydra.adminUrl, tokenHook: [] },
            caBundle: readFileSync(hydra.caFile, 'utf8'),
            limits: { requestsPerSecond: 200, burst: 200, concurrency: 8, timeout: seconds(10) },
            clock: systemClock,
            rng: systemRng,
          }),
        close: () => hydra.stop(),
      };
    },
    50,
  );
});
