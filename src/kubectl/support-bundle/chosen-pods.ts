import { itemsOf, textAt } from '../../domain/pod-like.ts';
import type { Pod } from '../deliveries.ts';

/** Nodes may be thousands, and are alike: what more of them say is nothing new. */
const mostOnNodes = 20;

/** The pods whose logs are read: all but those of the node plug-in, and of these the ones that fare worst. */
export function chosenPods(pods: readonly Pod[]): {
  readonly chosen: readonly Pod[];
  /** How many are not, in words. */
  readonly leftOut: string | undefined;
} {
  const isOnNode = ({ metadata }: Pod): boolean =>
    metadata.labels?.['app.kubernetes.io/component'] === 'node';
  const onNodes = pods
    .filter(isOnNode)
    .sort((a, b) => Number(isReady(a)) - Number(isReady(b)) || restartsOf(b) - restartsOf(a));
  const left = onNodes.slice(mostOnNodes);
  const notReady = left.filter((pod) => !isReady(pod)).length;
  return {
    chosen: [...pods.filter((pod) => !isOnNode(pod)), ...onNodes.slice(0, mostOnNodes)],
    leftOut:
      left.length === 0
        ? undefined
        : `logs and metrics of ${left.length} more pods of the node plug-in, of which ${notReady} are not ready: see objects/pods-of-grantor.json, and kubectl logs for one of them`,
  };
}

const isReady = ({ status = {} }: Pod): boolean =>
  itemsOf(status, 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );

const restartsOf = ({ status = {} }: Pod): number =>
  itemsOf(status, 'containerStatuses').reduce<number>((sum, container) => {
    const count = textAt(container, 'restartCount');
    return typeof count === 'number' ? sum + count : sum;
  }, 0);
