import { describeVolumeStore } from '../contract/volume-store.ts';
import { realStore } from './real-store.ts';

describeVolumeStore('the memory file systems', () => realStore());
