import { join } from 'node:path';

/** A path from the root of the repository. */
export const at = (path: string): string => join(import.meta.dirname, '../..', path);
