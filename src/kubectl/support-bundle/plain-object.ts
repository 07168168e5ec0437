import type { KubeObject } from '../../kube/objects.ts';

/** Annotations that are ours. Others may hold anything, a whole Secret by `kubectl apply` included. */
const isOurs = (key: string): boolean => key.startsWith('grantor.dev/');

/** An object as a bundle has it: without what others wrote beside it, and without the values of environment variables. */
export const plainObject = (object: KubeObject): unknown =>
  JSON.parse(
    JSON.stringify(object, (key, value: unknown) => {
      if (key === 'managedFields') return undefined;
      if (key === 'annotations' && typeof value === 'object' && value !== null)
        return Object.fromEntries(Object.entries(value).filter(([name]) => isOurs(name)));
      if (key === 'env' && Array.isArray(value))
        return value.map(({ name }: { name?: string }) => ({ name }));
      return value;
    }),
  );
