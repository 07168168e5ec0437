import type { Kubectl } from '../cluster/kubectl.ts';

/** What comes and goes by itself, or with what it belongs to. */
const passing =
  /^(events|bindings|componentstatuses|podmetrics|nodemetrics|pods|replicasets|controllerrevisions|endpoints|endpointslices)(\.|$)/;

/** Everything that is stored in a cluster, such as `ClusterRole grantor-node` or `Secret grantor-system/x`. */
export async function whatsThere(kubectl: Kubectl): Promise<Set<string>> {
  const names = await kubectl(['api-resources', '--verbs=list', '--output=name']);
  const resources = names.split('\n').filter((name) => name !== '' && !passing.test(name));
  const columns = 'KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name';
  const options = [
    '--all-namespaces',
    '--no-headers',
    '--ignore-not-found',
    `--output=custom-columns=${columns}`,
  ];
  const lines = (await kubectl(['get', resources.join(), ...options]))
    .split('\n')
    // Kubelets make theirs when they come to it.
    .filter((line) => line !== '' && !line.includes(' kube-node-lease '));
  return new Set(
    lines.map((line) => {
      const [kind = '', namespace = '', name = ''] = line.split(/\s+/);
      return `${kind} ${namespace === '<none>' ? '' : `${namespace}/`}${name}`;
    }),
  );
}
