import type { File } from './collect.ts';

/** Objects as a file of the bundle. */
export const objectsFile = (name: string, objects: readonly unknown[]): File => ({
  path: `objects/${name}.json`,
  text: jsonOf(objects),
});

export const jsonOf = (content: unknown): string => `${JSON.stringify(content, undefined, 2)}\n`;
