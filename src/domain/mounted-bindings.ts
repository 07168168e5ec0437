import { hasEnded, itemsOf, type PodLike, textAt } from './pod-like.ts';

const driverName = 'csi.grantor.dev';

/**
 * Names of the bindings whose token a pod has, or is about to get: those that it mounts, if they are for its ServiceAccount. `accounts` has
 * the ServiceAccount of each binding of its namespace.
 */
export function mountedBindings(pod: PodLike, accounts: ReadonlyMap<string, string>): ReadonlySet<string> {
  const mounted = new Set<string>();
  if (hasEnded(pod)) return mounted;
  const account = pod.spec && textAt(pod.spec, 'serviceAccountName');
  for (const volume of itemsOf(pod.spec, 'volumes')) {
    const binding = textAt(volume, 'csi', 'volumeAttributes', 'binding');
    if (textAt(volume, 'csi', 'driver') !== driverName || typeof binding !== 'string') continue;
    if (accounts.get(binding) === account) mounted.add(binding);
  }
  return mounted;
}
