import { normalize } from 'node:path';

/** A volume id becomes the name of a folder: letters, digits, dots, dashes and underscores, and none of the names that begin with a dot. */
export const isVolumeID = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(text);

/** A place for a volume of a pod: below the folder in which the kubelet keeps those, and written in the one way. */
export const isTargetPath = (text: string, podsDirectory: string): boolean =>
  text.startsWith(`${podsDirectory}/`) &&
  text.length <= 1024 &&
  !text.includes('\0') &&
  !text.endsWith('/') &&
  normalize(text) === text;
