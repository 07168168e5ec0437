import type { AuditEvent } from '../cluster/audit-log.ts';
import type { Manifest } from '../stage/manifests.ts';

/** One thing that a role lets somebody do: a verb on a resource, or on a path outside the API. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  /** `secrets`, `serviceaccounts/token`, `/openid/v1/jwks`. */
  readonly target: string;
  /** Of a Role; a ClusterRole holds everywhere. */
  readonly namespace?: string;
  /** Where the rule names objects. */
  readonly name?: string;
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
type Role = Manifest & { readonly rules?: readonly Rule[] };

/** Every single right of the roles among these manifests. A star is refused: it declares nothing. */
export const declaredRights = (manifests: readonly Manifest[]): Right[] =>
  manifests.flatMap((manifest: Role) =>
    (manifest.rules ?? []).flatMap((rule) => {
      const { namespace } = manifest.metadata;
      return rightsOf(rule).map((right) => (namespace === undefined ? right : { ...right, namespace }));
    }),
  );

function rightsOf({
  apiGroups = [''],
  resources = [],
  nonResourceURLs = [],
  resourceNames = [undefined] as never,
  verbs,
}: Rule): Right[] {
  const stars = [...apiGroups, ...resources, ...nonResourceURLs, ...verbs].filter((word) =>
    word.includes('*'),
  );
  if (stars.length > 0) throw new Error(`${stars.join()} in a role declares nothing`);
  const named = (resourceNames as readonly (string | undefined)[]).map((name) =>
    name === undefined ? {} : { name },
  );
  return verbs.flatMap((verb) => [
    ...nonResourceURLs.map((target) => ({ verb, group: '', target })),
    ...apiGroups.flatMap((group) =>
      resources.flatMap((target) => named.map((name) => ({ verb, group, target, ...name }))),
    ),
  ]);
}

/** Whether a right is enough for a request. Those of a Role hold in the namespaces that Grantor is installed in. */
export const allows = (right: Right, event: AuditEvent, homes: ReadonlySet<string>): boolean =>
  right.verb === event.verb &&
  right.group === event.group &&
  right.target === targetOf(event) &&
  (right.namespace === undefined || homes.has(event.namespace)) &&
  (right.name === undefined || right.name === event.name);

export const targetOf = ({ resource, subresource, uri }: AuditEvent): string =>
  resource === '' ? (uri.split('?')[0] ?? '') : [resource, subresource].filter(Boolean).join('/');

/** `get namespaces/kube-system`, `create leases in grantor-system`. */
export const describeRight = ({ verb, target, namespace, name }: Right): string =>
  `${verb} ${[target, name].filter(Boolean).join('/')}${namespace === undefined ? '' : ` in ${namespace}`}`;
