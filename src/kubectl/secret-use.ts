import { hasEnded, itemsOf, type PodLike, textAt } from '../domain/pod-like.ts';

/** How a pod has a Secret: as files, which follow a renewal, or in its environment, which never does. */
export function secretUse(pod: PodLike, secret: string): 'volume' | 'environment' | undefined {
  if (hasEnded(pod)) return undefined;
  const containers = ['containers', 'initContainers'].flatMap((list) => itemsOf(pod.spec, list));
  const inEnvironment = containers.some(
    (container) =>
      itemsOf(container, 'envFrom').some((from) => textAt(from, 'secretRef', 'name') === secret) ||
      itemsOf(container, 'env').some((one) => textAt(one, 'valueFrom', 'secretKeyRef', 'name') === secret),
  );
  if (inEnvironment) return 'environment';
  const asFiles = itemsOf(pod.spec, 'volumes').some(
    (volume) =>
      textAt(volume, 'secret', 'secretName') === secret ||
      itemsOf(textAt(volume, 'projected'), 'sources').some(
        (source) => textAt(source, 'secret', 'name') === secret,
      ),
  );
  return asFiles ? 'volume' : undefined;
}
