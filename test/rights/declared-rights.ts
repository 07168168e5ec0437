import type { Reach, Rule } from '../../src/cmd/rights.ts';
import type { AuditEvent } from '../cluster/audit-log.ts';

/** One thing that a role lets somebody do: a verb on a resource, or on a path outside the API. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  /** `secrets`, `serviceaccounts/token`, `/openid/v1/jwks`. */
  readonly target: string;
  readonly reach: Reach;
  /** Where the rule names objects. */
  readonly name?: string;
}

/** Where the rights of a program hold on one API server. */
export interface Installed {
  /** The namespaces of Grantor: some tests have two of them. */
  readonly own: ReadonlySet<string>;
  /** The namespaces whose Secrets it may write; `*` is all of them. */
  readonly delivery: ReadonlySet<string>;
}

/** Every single right of the rules. A star is refused: it declares nothing. */
export const declaredRights = (rules: Readonly<Partial<Record<Reach, readonly Rule[]>>>): Right[] =>
  (Object.entries(rules) as [Reach, readonly Rule[]][]).flatMap(([reach, rules]) =>
    rules.flatMap(singleRights).map((right) => ({ ...right, reach })),
  );

function singleRights({
  apiGroups = [''],
  resources = [],
  nonResourceURLs = [],
  resourceNames,
  verbs,
}: Omit<Rule, 'because'>): Omit<Right, 'reach'>[] {
  const stars = [...apiGroups, ...resources, ...nonResourceURLs, ...verbs].filter((word) =>
    word.includes('*'),
  );
  if (stars.length > 0) throw new Error(`${stars.join()} in a role declares nothing`);
  const named = resourceNames?.map((name) => ({ name })) ?? [{}];
  return verbs.flatMap((verb) => [
    ...nonResourceURLs.map((target) => ({ verb, group: '', target })),
    ...apiGroups.flatMap((group) =>
      resources.flatMap((target) => named.map((name) => ({ verb, group, target, ...name }))),
    ),
  ]);
}

/** Whether a right is enough for a request. */
export const allows = (right: Right, event: AuditEvent, installed: Installed): boolean =>
  right.verb === event.verb &&
  right.group === event.group &&
  right.target === targetOf(event) &&
  reaches(right.reach, event.namespace, installed) &&
  (right.name === undefined || right.name === event.name);

const reaches = (reach: Reach, namespace: string, { own, delivery }: Installed): boolean =>
  reach === 'cluster' ||
  (reach === 'own' ? own.has(namespace) : delivery.has('*') || delivery.has(namespace));

export const targetOf = ({ resource, subresource, uri }: AuditEvent): string =>
  resource === '' ? (uri.split('?')[0] ?? '') : [resource, subresource].filter(Boolean).join('/');

const where: Readonly<Record<Reach, string>> = {
  cluster: '',
  own: " in Grantor's own namespace",
  delivery: ' where Secrets are delivered',
};

/** `get namespaces/kube-system`, `create leases in Grantor's own namespace`. */
export const describeRight = ({ verb, target, reach, name }: Right): string =>
  `${verb} ${[target, name].filter(Boolean).join('/')}${where[reach]}`;
