import type { Answer, Cell, FieldOf } from './answers.ts';

type Written = readonly [what: string, value: string, answer: Answer];

const row = (
  kind: FieldOf['kind'],
  field: string,
  written: readonly Written[],
  rest: FieldOf['with'] = {},
): readonly Cell[] =>
  written.map(([what, value, answer]) => ({ kind, field, with: rest, what, value, answer }));

const scopes: readonly Written[] = [
  ['within the ceiling', 'a.read', 'own'],
  ["another tenant's", 'b.read', 'ScopeNotAllowed'],
  ["nobody's", 'c.read', 'ScopeNotAllowed'],
  ['in other case', 'A.read', 'ScopeNotAllowed'],
  ['the prefix of the ceiling alone', 'a', 'ScopeNotAllowed'],
  ['that begins alike', 'ab.read', 'ScopeNotAllowed'],
  ['with a letter that looks the same', '\u0430.read', 'schema'],
  ['a wildcard', 'a.*', 'schema'],
  ['two in one', 'a.read b.read', 'schema'],
  ['empty', '', 'schema'],
];

const audiences: readonly Written[] = [
  ['within the ceiling', 'https://a.example', 'own'],
  ["another tenant's", 'https://b.example', 'AudienceNotAllowed'],
  ["nobody's", 'https://c.example', 'AudienceNotAllowed'],
  ["the API server's", 'https://kubernetes.default.svc', 'AudienceNotAllowed'],
  ['in other case', 'https://A.example', 'AudienceNotAllowed'],
  ['with a slash more', 'https://a.example/', 'AudienceNotAllowed'],
  ['with a letter that looks the same', 'https://\u0430.example', 'schema'],
  ['a wildcard', '*', 'schema'],
  ['two in one', 'https://a.example https://b.example', 'schema'],
  ['empty', '', 'schema'],
];

const redirects: readonly Written[] = [
  // The issuer of the matrix has no users.
  ['at a host of the ceiling', 'https://app.a.example/callback', 'GrantTypeUnsupported'],
  ["at another tenant's host", 'https://app.b.example/callback', 'RedirectURINotAllowed'],
  ["at nobody's host", 'https://app.c.example/callback', 'RedirectURINotAllowed'],
  ['at a host that ends in one of the ceiling', 'https://other.app.a.example/', 'RedirectURINotAllowed'],
  [
    'at a host that begins with one of the ceiling',
    'https://app.a.example.b.example/',
    'RedirectURINotAllowed',
  ],
  ['at the loopback, which is not in the ceiling', 'http://127.0.0.1/', 'RedirectURINotAllowed'],
  ['with a user that looks like a host', 'https://app.a.example@b.example/', 'schema'],
  ['with a backslash', 'https://b.example\\@app.a.example/', 'schema'],
  ['with a fragment', 'https://app.a.example/#b', 'schema'],
  ['in other case', 'https://APP.a.example/', 'schema'],
  ['with a letter that looks the same', 'https://app.\u0430.example/', 'schema'],
  ['a wildcard', 'https://*.a.example/', 'schema'],
  ['without TLS', 'http://app.a.example/', 'schema'],
  ['of another scheme', 'javascript:alert(1)', 'schema'],
  ['empty', '', 'schema'],
];

const enumeration = (first: string, others: readonly string[], unknown: readonly string[]): Written[] => [
  [`\`${first}\``, first, 'own'],
  ...others.map((value): Written => [`\`${value}\``, value, 'own']),
  ...unknown.map((value): Written => [`\`${value}\``, value, 'schema']),
  ['empty', '', 'schema'],
];

const aDuration: readonly Written[] = [
  ['of years', '87600h', 'schema'],
  ['negative', '-10m', 'schema'],
  ['empty', '', 'schema'],
];

/** How often and when a credential is replaced is the tenant's own business, within bounds. */
const rotationFields = {
  every: [['of a month', '720h', 'own'], ...aDuration],
  overlap: [['of an hour', '1h', 'own'], ...aDuration],
  maxOverlap: [['of a month', '720h', 'own'], ...aDuration],
  onStaleConsumers: enumeration('Keep', ['Retire'], ['keep']),
  'window.days[]': enumeration('Sat', ['Sun'], ['Saturday']),
  'window.start': [
    ['at night', '02:00', 'own'],
    ['with the hour 24', '24:00', 'schema'],
    ['with an offset', '02:00+01:00', 'schema'],
    ['empty', '', 'schema'],
  ],
  'window.duration': [['of an hour', '1h', 'own'], ...aDuration],
} as const satisfies Readonly<Record<string, readonly Written[]>>;

const rotationRows = (method: 'privateKey' | 'secret' | 'mutualTLS'): readonly (readonly Cell[])[] =>
  Object.entries(rotationFields).map(([field, written], index) =>
    row('OAuthClient', `spec.authentication.${method}.rotation.${field}`, written).map((cell, n) => {
      const rotation = field.startsWith('window') ? { window: { start: '02:00', duration: '4h' } } : {};
      const secretRef = { name: `${method.toLowerCase()}-${index}-${n}` };
      return { ...cell, with: { authentication: { [method]: { secretRef, rotation } } } };
    }),
  );

/** Every string that is no reference, with what a tenant could try in it. */
export const valueRows: readonly (readonly Cell[])[] = [
  row('OAuthClient', 'spec.adopt.clientID', [
    ["one's own at the issuer", '$mine', 'AdoptionNotAllowed'],
    ["another tenant's", '$theirs', 'AdoptionNotAllowed'],
    ["nobody's", 'nobody', 'AdoptionNotAllowed'],
    ['with a letter that looks the same', 'n\u043ebody', 'schema'],
    ['two in one', 'nobody other', 'schema'],
    ['empty', '', 'schema'],
  ]),
  row('OAuthClient', 'spec.clientID', [
    ["one's own at the issuer", '$mine', 'AdoptionNotAllowed'],
    ["another tenant's", '$theirs', 'AdoptionNotAllowed'],
    ["nobody's", 'nobody', 'AdoptionNotAllowed'],
    ['with a letter that looks the same', 'n\u043ebody', 'schema'],
    ['two in one', 'nobody other', 'schema'],
    ['empty', '', 'schema'],
  ]),
  row('OAuthClient', 'spec.grantTypes[]', [
    ['`ClientCredentials`', 'ClientCredentials', 'own'],
    // Without redirect URIs this one means nothing.
    ['`AuthorizationCode`', 'AuthorizationCode', 'schema'],
    ['`client_credentials`', 'client_credentials', 'schema'],
    ['empty', '', 'schema'],
  ]),
  row('OAuthClient', 'spec.redirectURIs[]', redirects, {
    grantTypes: ['ClientCredentials', 'AuthorizationCode'],
  }),
  row('OAuthClient', 'spec.scopes[]', [
    ...scopes,
    // A scope is no path: it stays what it is, byte by byte, and is granted as such.
    ['a path within the ceiling', 'a./../b.read', 'own'],
  ]),
  row('OAuthClient', 'spec.audiences[]', audiences),
  row('OAuthClient', 'spec.roles[]', [
    ['within the ceiling', 'a-reader', 'own'],
    ["another tenant's", 'b-reader', 'RoleNotAllowed'],
    ["nobody's", 'c-reader', 'RoleNotAllowed'],
    ['in other case', 'A-reader', 'RoleNotAllowed'],
    ['with a letter that looks the same', '\u0430-reader', 'schema'],
    ['a wildcard', '*', 'schema'],
    ['two in one', 'a-reader b-reader', 'schema'],
    ['empty', '', 'schema'],
  ]),
  row('OAuthClient', 'spec.accessTokenLifetime', [
    ['within the ceiling', '15m', 'own'],
    ['above it', '15m1s', 'LifetimeNotAllowed'],
    ['of years', '87600h', 'schema'],
    ['negative', '-10m', 'schema'],
    ['in digits that look the same', '\uff11\uff10m', 'schema'],
    ['empty', '', 'schema'],
  ]),
  row(
    'OAuthClient',
    'spec.authentication.privateKey.algorithm',
    enumeration('ES256', [], ['none', 'HS256']),
  ).map((cell, n) => ({
    ...cell,
    with: { authentication: { privateKey: { secretRef: { name: `algorithm-${n}` } } } },
  })),
  ...rotationRows('privateKey'),
  ...rotationRows('mutualTLS'),
  ...rotationRows('secret'),
  row('OAuthClient', 'spec.proofOfPossession', enumeration('None', ['DPoP'], ['MutualTLS', 'dpop'])),
  row('OAuthClient', 'spec.management', [
    ['`Manage`', 'Manage', 'own'],
    ['`Observe`', 'Observe', 'Observed'],
    ['`Paused`', 'Paused', 'Paused'],
    ['`paused`', 'paused', 'schema'],
    ['empty', '', 'schema'],
  ]),
  row('OAuthClient', 'spec.deletionPolicy', enumeration('Delete', ['Disable', 'Orphan'], ['orphan'])),
  row('WorkloadIdentityBinding', 'spec.token.scopes[]', [
    ...scopes,
    ['within the ceiling, and beyond the client', 'a.other', 'ScopeNotAllowed'],
  ]),
  row('WorkloadIdentityBinding', 'spec.token.audience', audiences),
  row('WorkloadIdentityBinding', 'spec.rotation.minRemaining', [
    ['within the life of a token', '1m', 'own'],
    ['more than that', '23h', 'RotationFloorUnreachable'],
    ['negative', '-1m', 'schema'],
    ['empty', '', 'schema'],
  ]),
  row('WorkloadIdentityBinding', 'spec.rotation.onExpiry', enumeration('Remove', ['Keep'], ['keep'])),
];
