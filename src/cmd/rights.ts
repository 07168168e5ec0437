/** A rule of a role (rbac.authorization.k8s.io/v1 PolicyRule), and why it is there. No stars: a star declares nothing. */
export interface Rule {
  /** The core group, if none is named. */
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
  readonly because: string;
}

/**
 * Where the rules of a program hold: `cluster` everywhere, `own` in Grantor's own namespace, `delivery` wherever Secret delivery is switched on
 * (everywhere, in some namespaces, or nowhere).
 */
export type Reach = 'cluster' | 'own' | 'delivery';

const kinds = ['oauthissuers', 'tenantscopes', 'oauthclients', 'workloadidentitybindings'];
const secretVerbs = ['get', 'list', 'watch', 'create', 'update', 'delete'];

/**
 * What each program may do in a cluster: the only source of the chart's roles, of docs/reference/rights.md, and of what the judge holds its
 * requests against. A rule that the tests never need fails them, as does a request that no rule covers.
 */
export const rights = {
  controller: {
    cluster: [
      {
        apiGroups: ['grantor.dev'],
        resources: kinds,
        verbs: ['list', 'watch'],
        because: 'what people want, and what was found',
      },
      {
        apiGroups: ['grantor.dev'],
        resources: kinds.map((kind) => `${kind}/status`),
        verbs: ['patch'],
        because: 'what it tells of it',
      },
      {
        apiGroups: ['grantor.dev'],
        resources: ['oauthclients'],
        verbs: ['get', 'patch'],
        because: 'its finalizer, and whether it is gone',
      },
      {
        apiGroups: ['grantor.dev'],
        resources: ['oauthissuers'],
        verbs: ['patch'],
        because: 'its finalizer',
      },
      {
        resources: ['namespaces', 'serviceaccounts'],
        verbs: ['list', 'watch'],
        because: 'who is which tenant: metadata only',
      },
      {
        resources: ['namespaces'],
        resourceNames: ['kube-system'],
        verbs: ['get'],
        because: "the cluster's id is the UID of this namespace",
      },
      {
        resources: ['pods'],
        verbs: ['list'],
        because:
          'how many have a binding in a volume, and who still has a former credential in an environment variable; without it that is kept until maxOverlap',
      },
      {
        apiGroups: ['events.k8s.io'],
        resources: ['events'],
        verbs: ['create', 'patch'],
        because:
          'tells the owners of its kinds what happened, and counts up what happens again; about its own kinds alone (deploy/admission.yaml)',
      },
      {
        nonResourceURLs: ['/.well-known/openid-configuration'],
        verbs: ['get'],
        because: "who issues the tokens of this cluster's ServiceAccounts",
      },
      {
        nonResourceURLs: ['/openid/v1/jwks'],
        verbs: ['get'],
        because: 'and what signs them, for issuers that hold these keys (Hydra)',
      },
    ],
    own: [
      {
        resources: ['secrets'],
        verbs: secretVerbs,
        because: 'registrations of clients, and the credentials that OAuthIssuers name',
      },
      {
        resources: ['configmaps'],
        verbs: ['get'],
        because: 'CA bundles that OAuthIssuers name',
      },
      {
        resources: ['configmaps'],
        resourceNames: ['grantor-audiences'],
        verbs: ['list', 'watch'],
        because: 'the audiences that are installed',
      },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        verbs: ['get', 'create', 'update'],
        because: 'which replica leads',
      },
    ],
    delivery: [
      {
        resources: ['secrets'],
        verbs: secretVerbs,
        because:
          'tokens and credentials for workloads; RBAC cannot tell ours from others, so all of them can be read',
      },
      {
        resources: ['serviceaccounts/token'],
        verbs: ['create'],
        because:
          "the workload's own identity, for one installed audience and ten minutes (deploy/admission.yaml)",
      },
      {
        apiGroups: ['authentication.k8s.io'],
        resources: ['selfsubjectreviews'],
        verbs: ['create'],
        because:
          'which ServiceAccount is its own, to log in to issuers as that where it is given no tokens of it (--own-tokens)',
      },
    ],
  },
  node: {
    cluster: [
      {
        apiGroups: ['grantor.dev'],
        resources: ['oauthissuers', 'tenantscopes'],
        verbs: ['list', 'watch'],
        because: 'what is granted, and whether it still holds',
      },
      {
        apiGroups: ['grantor.dev'],
        resources: ['oauthclients', 'workloadidentitybindings'],
        verbs: ['list', 'watch'],
        because: 'of the namespaces whose pods have volumes here; RBAC cannot say which those are',
      },
      {
        apiGroups: ['events.k8s.io'],
        resources: ['events'],
        verbs: ['create'],
        because:
          'tells the owner of a pod why its token could not be renewed; about pods alone (deploy/admission.yaml)',
      },
    ],
    own: [
      {
        resources: ['configmaps'],
        verbs: ['get'],
        because: 'CA bundles that OAuthIssuers name',
      },
    ],
  },
  issuer: {
    cluster: [
      {
        nonResourceURLs: ['/.well-known/openid-configuration', '/openid/v1/jwks'],
        verbs: ['get'],
        because: "the cluster's public keys: whose ServiceAccount tokens it accepts",
      },
    ],
  },
} as const satisfies Readonly<Record<string, Readonly<Partial<Record<Reach, readonly Rule[]>>>>>;
