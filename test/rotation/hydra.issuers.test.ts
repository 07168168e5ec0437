import { describe } from 'vitest';
import { hydraUnderTest } from '../contract/hydra-under-test.ts';
import { hydra } from '../contract/issuer-kinds.ts';
import { hydraIsThere } from '../issuers/test-issuers.ts';
import { describeRotationUnderLoad } from './rotation-under-load.ts';

describe.skipIf(!hydraIsThere())('with a real server', () => {
  describeRotationUnderLoad(hydra, () => hydraUnderTest(), { speed: 50, atServers: true });
});
