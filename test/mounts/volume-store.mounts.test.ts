import { createNamespacedStore } from '../../src/node/namespaced-store.ts';
import { describeVolumeStore } from '../contract/volume-store.ts';
import { realStore } from './real-store.ts';

describeVolumeStore('the memory file system', () => realStore());
describeVolumeStore('one for each namespace', () => realStore({}, createNamespacedStore));
