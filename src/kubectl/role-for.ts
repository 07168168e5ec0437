import type { Asked } from './complaint.ts';

const tenantKinds: ReadonlySet<string> = new Set(['oauthclients', 'workloadidentitybindings']);
const reads: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** Which role gives the right that somebody lacks: those that Grantor installs, or Kubernetes' own. */
export function roleFor({ verb, kind, namespace }: Asked): string {
  const isRead = reads.has(verb);
  if (kind.group === 'grantor.dev' && !tenantKinds.has(kind.plural))
    return 'a platform admin has it by the ClusterRole grantor-admin';
  if (kind.group === 'grantor.dev') {
    const role = isRead ? 'view (grantor-view is part of it)' : 'edit (grantor-edit is part of it)';
    return namespace === undefined
      ? 'name one of your namespaces with -n, or have the ClusterRole grantor-admin bound to you'
      : `have the ClusterRole ${role} bound to you in that namespace`;
  }
  if (kind.group === '' && kind.plural === 'secrets')
    return 'have the ClusterRole edit bound to you in that namespace (view shows no Secrets)';
  return `have a role with ${verb} on ${kind.plural} bound to you`;
}
