import type { WorkloadIdentityBinding } from '../../api/workload-identity-binding.ts';
import { ownerOf } from '../../delivery/secret-manifest.ts';
import { readDelivered } from '../../delivery/token-secret.ts';
import { mountedBindings } from '../../domain/mounted-bindings.ts';
import { between, type Instant } from '../../std/instant.ts';
import { shortly } from '../age.ts';
import type { Deliveries, Pod } from '../deliveries.ts';
import { healthOf } from '../health.ts';
import { secretUse } from '../secret-use.ts';
import type { TreeNode } from './tree-node.ts';

/** A binding with the Secret that it fills and the pods that have its token. */
export function bindingNode(
  binding: WorkloadIdentityBinding,
  deliveries: Deliveries,
  now: Instant,
): TreeNode {
  const { metadata, spec } = binding;
  const { name, namespace } = metadata;
  const { state, reason } = healthOf(binding, now);
  const pods = (deliveries.pods ?? []).filter((pod) => pod.metadata.namespace === namespace);
  const accounts = new Map([[name, spec.serviceAccountName]]);
  const mounting = pods.filter((pod) => mountedBindings(pod, accounts).has(name));
  const secret = spec.delivery?.secretRef.name;
  return {
    kind: binding.kind,
    namespace,
    name,
    state,
    reason,
    detail: `${spec.token.scopes.join(' ')} for ${spec.token.audience}`,
    children: [
      ...(secret === undefined ? [] : [secretNode(binding, secret, pods, deliveries, now)]),
      ...mounting.map((pod) => podNode(pod, 'mounts it')),
    ],
  };
}

function secretNode(
  { kind, metadata: { namespace, uid } }: WorkloadIdentityBinding,
  name: string,
  pods: readonly Pod[],
  { secrets }: Deliveries,
  now: Instant,
): TreeNode {
  const users = pods.flatMap((pod) => {
    const use = secretUse(pod, name);
    if (use === undefined) return [];
    const warning = use === 'environment' ? ', which never sees a renewed token' : '';
    return [podNode(pod, `reads it from its ${use}${warning}`, use === 'environment')];
  });
  const node = { kind: 'Secret', namespace, name, children: users };
  if (secrets === undefined) return { ...node, detail: 'not visible to you' };
  const metadata = secrets.find((one) => one.namespace === namespace && one.name === name);
  if (metadata !== undefined && ownerOf(metadata, kind)?.uid !== uid)
    return {
      ...node,
      children: [],
      state: 'failed',
      reason: 'SecretNameTaken',
      detail: 'is of another object',
    };
  const delivered = metadata && readDelivered(metadata);
  if (delivered === undefined)
    return { ...node, state: 'working', reason: 'Missing', detail: 'no token there' };
  const left = between(now, delivered.expiresAt);
  return left > 0
    ? { ...node, state: 'ready', reason: 'SecretWritten', detail: `expires in ${shortly(left)}` }
    : { ...node, state: 'failed', reason: 'TokenExpired', detail: 'expired' };
}

const podNode = ({ metadata, status }: Pod, detail: string, isDoubtful = false): TreeNode => ({
  kind: 'Pod',
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  name: metadata.name,
  state: isDoubtful || status?.phase !== 'Running' ? 'working' : 'ready',
  reason: status?.phase ?? 'Unknown',
  detail,
  children: [],
});
