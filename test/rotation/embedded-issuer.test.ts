import { embeddedUnderTest } from '../contract/embedded-under-test.ts';
import { embedded } from '../contract/issuer-kinds.ts';
import { describeRotationUnderLoad } from './rotation-under-load.ts';

describeRotationUnderLoad(embedded, () => embeddedUnderTest());
