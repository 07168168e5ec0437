import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Whether the pod of a volume is still on this node: true also where that is not known. */
export type IsPodThere = (targetPath: string, podUID: string) => Promise<boolean>;

/**
 * Looks for the folder that the kubelet has for a pod: `<pods>/<uid>` above the target path. It goes after the last volume of the pod was
 * unmounted; where it is gone before, nobody will call for that any more. Where not even `<pods>` is there, nothing is known.
 */
export const isPodThere: IsPodThere = async (targetPath, podUID) => {
  const end = targetPath.indexOf(`/${podUID}/`);
  if (end === -1) return true;
  const directory = targetPath.slice(0, end + 1 + podUID.length);
  return (await isThere(directory)) || !(await isThere(dirname(directory)));
};

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    // Only this says that it is not there.
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
