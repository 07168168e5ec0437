import { join } from 'node:path';
import { root } from '../stage/stage.ts';

export const ourChart = join(root, 'charts/grantor');
