import { type Answer, type Cell, type FieldOf, tenantB } from './answers.ts';

/** A field that names another object, and the objects that a tenant could mean. */
interface Reference extends FieldOf {
  /** What is named, for the head of a column. */
  readonly to: string;
  readonly own: string;
  /** One's own that was deleted and made again under its name. */
  readonly again?: readonly [name: string, answer: Answer];
  /** One's own that something else of one's own has already. */
  readonly taken?: readonly [name: string, answer: Answer];
  /** What is there under these names is not in the tenant's namespace, or not in its ceiling. */
  readonly theirs: string;
  readonly inKubeSystem: string;
  readonly inGrantorSystem: string;
  readonly clusterScoped: string;
  /** The answer to those four, and to a name that nothing has. */
  readonly absent: Answer;
}

const inNamespaces = (name: string) => ({
  theirs: `victim${name}`,
  inKubeSystem: `system${name}`,
  inGrantorSystem: `operator${name}`,
});

export const references: readonly Reference[] = [
  {
    kind: 'OAuthClient',
    field: 'spec.issuerRef.name',
    to: 'OAuthIssuer',
    own: 'main',
    ...inNamespaces(''),
    // There is one of this name, for the other tenant only.
    theirs: 'victim-issuer',
    clusterScoped: tenantB,
    absent: 'IssuerNotAllowed',
  },
  {
    kind: 'OAuthClient',
    field: 'spec.authentication.federated.serviceAccountName',
    to: 'ServiceAccount',
    own: 'free',
    again: ['again', 'own'],
    taken: ['own', 'ServiceAccountTaken'],
    ...inNamespaces(''),
    clusterScoped: tenantB,
    absent: 'ServiceAccountNotFound',
  },
  ...(['privateKey', 'secret', 'mutualTLS'] as const).map(
    (method, n): Reference => ({
      kind: 'OAuthClient',
      field: `spec.authentication.${method}.secretRef.name`,
      with: { authentication: { [method]: { secretRef: {} } } },
      to: 'Secret',
      own: `own-${method.toLowerCase()}`,
      again: [`again-${method.toLowerCase()}`, 'SecretConflict'],
      taken: ['own-token', 'SecretNameTaken'],
      ...inNamespaces(`-${method.toLowerCase()}`),
      clusterScoped: ['view', 'edit', 'cluster-admin'][n]!,
      absent: 'own',
    }),
  ),
  {
    kind: 'WorkloadIdentityBinding',
    field: 'spec.serviceAccountName',
    with: { clientRef: { name: 'keyed' } },
    to: 'ServiceAccount',
    own: 'own',
    again: ['again', 'own'],
    ...inNamespaces(''),
    clusterScoped: tenantB,
    absent: 'ServiceAccountNotFound',
  },
  {
    kind: 'WorkloadIdentityBinding',
    field: 'spec.clientRef.name',
    to: 'OAuthClient',
    own: 'own',
    again: ['again', 'own'],
    ...inNamespaces(''),
    clusterScoped: tenantB,
    absent: 'ClientNotFound',
  },
  {
    kind: 'WorkloadIdentityBinding',
    field: 'spec.delivery.secretRef.name',
    to: 'Secret',
    own: 'own-delivery',
    again: ['again-token', 'SecretConflict'],
    taken: ['own-token', 'SecretNameTaken'],
    ...inNamespaces('-token'),
    clusterScoped: 'admin',
    absent: 'own',
  },
];

type Variant = readonly [
  what: string,
  written: (to: Reference) => readonly [value: string, answer: Answer] | undefined,
];

const absent =
  (name: (to: Reference) => string): Variant[1] =>
  (to) => [name(to), to.absent];

/** Nothing of this is a name, so that the API server refuses it before anybody looks for an object. */
const noName =
  (spoil: (to: Reference) => string): Variant[1] =>
  (to) => [spoil(to), 'schema'];

/** What is there for nobody: its words are what the others have to get too. */
export const nobodys = "nobody's";
const besideANamespace = 'a `namespace` beside the name';
/** What must sound as if it were nobody's. */
export const others = ["another tenant's", "kube-system's", "grantor-system's", 'cluster-scoped'] as const;

const variants: readonly Variant[] = [
  ['own', ({ own }) => [own, 'own']],
  ['own, deleted and made again', ({ again }) => again],
  ['own, and taken', ({ taken }) => taken],
  [nobodys, absent(({ own }) => `no-${own}`)],
  [others[0], absent(({ theirs }) => theirs)],
  [others[1], absent(({ inKubeSystem }) => inKubeSystem)],
  [others[2], absent(({ inGrantorSystem }) => inGrantorSystem)],
  [others[3], absent(({ clusterScoped }) => clusterScoped)],
  ['in other case', noName(({ own }) => own.toUpperCase())],
  ['with a letter that looks the same', noName(({ own }) => `${own.slice(0, -1)}\u0435`)],
  ['with a letter that is not seen', noName(({ own }) => `${own}\u200b`)],
  ['`namespace/name`', noName(({ theirs }) => `${tenantB}/${theirs}`)],
  ['a path', noName(({ theirs }) => `../../${tenantB}/secrets/${theirs}`)],
  ['an encoded path', noName(({ theirs }) => `..%2f${theirs}`)],
  ['a query', noName(({ own }) => `${own}?namespace=${tenantB}`)],
  ['empty', noName(() => '')],
  [besideANamespace, ({ field }) => (field.endsWith('Ref.name') ? [tenantB, 'schema'] : undefined)],
];

/** Row by row: each variant for each reference that it makes sense for. */
export const referenceRows: readonly {
  readonly what: string;
  readonly cells: readonly (Cell | undefined)[];
}[] = variants.map(([what, written]) => ({
  what,
  cells: references.map((reference) => {
    const pair = written(reference);
    if (pair === undefined) return undefined;
    const [value, answer] = pair;
    const { kind, field, with: rest = {}, own } = reference;
    const cell: Cell = { kind, field, with: rest, what, value, answer };
    const beside = { field: field.replace(/name$/, 'namespace'), own };
    return what === besideANamespace ? { ...cell, beside } : cell;
  }),
}));
