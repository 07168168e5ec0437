import * as z from 'zod';
import { hours, minutes, seconds } from '../std/duration.ts';
import { commonStatus } from './conditions.ts';
import { durationField } from './duration-field.ts';
import { exactlyOne } from './exactly-one.ts';
import { audience, boundedMap, httpsURL, keyRef, listMap, listSet } from './fields.ts';
import { defineKind, type ObjectOf } from './kind.ts';
import { ageColumn, stateColumns } from './printer-column.ts';
import { text, withRule, withValidation } from './rule.ts';

/**
 * Not every text that it takes is a URL: which numbers make an address is beyond an expression that a person can read. Those are
 * told in a condition (`IssuerConfigInvalid`).
 */
const issuer = httpsURL(
  'write the issuer identifier as its metadata has it: an https URL with no user, query or fragment (RFC 8414 section 2) and a port of at most 65535',
);

const standard = z.object({
  initialAccessTokenSecretRef: keyRef('Secret')
    .describe(
      'The initial access token for registrations (RFC 7591 section 3), where the issuer asks for one.',
    )
    .optional(),
});

const keycloak = z.object({
  identityProvider: text(
    255,
    '^[-._a-zA-Z0-9]+$',
    'write the alias of an identity provider: letters, digits, -, _ and .',
  )
    .describe(
      "Alias of the realm's identity provider for this cluster (provider `kubernetes`): by it Keycloak knows whose ServiceAccount tokens a client logs in with.",
    )
    .default('kubernetes'),
});

const hydra = z.object({
  adminURL: httpsURL(
    'write where the admin API is: an https URL with no user, query or fragment and a port of at most 65535',
  ).describe(
    'Where the admin API is, without `/admin`. It asks nobody who he is: whoever reaches it may do everything, so nobody but Grantor must, by a NetworkPolicy or a proxy.',
  ),
  adminAuthentication: z
    .enum(['None', 'ServiceAccountToken'])
    .describe(
      "What Grantor shows at `adminURL`. `ServiceAccountToken`: a token of the controller's own ServiceAccount as bearer, with the audience of `spec.federation`, for a proxy in front of Hydra that checks it.",
    )
    .default('None'),
  tokenHook: listSet(z.enum(['TenantClaims', 'BoundAssertions']), { max: 2 })
    .describe(
      'What the token hook of this Hydra does (`oauth2.token_hook`), if it has one. `TenantClaims`: it puts tenant and roles from the `metadata.grantor` of a client into each of its tokens. `BoundAssertions`: it refuses a ServiceAccount token of another workload than stands there. Grantor cannot see either; the documentation has a hook that does both.',
    )
    .default([]),
});

const driver = exactlyOne(
  {
    standard: standard.describe('Clients are registered by RFC 7591 and kept by RFC 7592.'),
    keycloak: keycloak.describe(
      'Clients are managed in a realm of Keycloak over its Admin REST API, which is found from `spec.issuer`. Needs `spec.login`.',
    ),
    hydra: hydra.describe(
      'Ory Hydra: clients and the keys of the cluster are kept there by its admin API. `spec.federation` needs `method: JWTBearer` (or `None`) and `assertionReuse: SingleUse`.',
    ),
    static: z
      .object({})
      .describe('Clients are registered by other means; each OAuthClient names its own in `spec.clientID`.'),
  },
  'write exactly one driver, for example standard: {} or static: {}',
);

const clientID = () =>
  text(255, '^[!-~]+$', 'write a client id: printable ASCII without spaces').describe(
    "The id of Grantor's own client at the issuer.",
  );

const login = exactlyOne(
  {
    federated: z
      .object({ clientID: clientID() })
      .describe(
        "By a token of the controller's own ServiceAccount as client assertion (RFC 7523 section 2.2), with the audience of `spec.federation`: no credential is stored.",
      ),
    clientSecret: z
      .object({
        clientID: clientID(),
        secretKeyRef: keyRef('Secret').describe('Where the client secret is.'),
      })
      .describe('By a client secret.'),
    privateKey: z
      .object({
        clientID: clientID(),
        secretKeyRef: keyRef('Secret').describe('Where the private key is: P-256, PKCS#8, PEM.'),
      })
      .describe('By `private_key_jwt` with ES256.'),
  },
  'write exactly one way to log in, for example federated: { clientID: grantor }',
);

const federation = z.object({
  method: z
    .enum(['ClientAssertion', 'JWTBearer', 'TokenExchange', 'None'])
    .describe(
      'How a workload shows its ServiceAccount token: `ClientAssertion` to log in as its client (RFC 7523 section 2.2), `JWTBearer` as the grant that it exchanges for an access token (RFC 7523 section 2.1), `TokenExchange` as the subject token of RFC 8693, or not at all. A client is registered for this way alone; after a change the clients there are registered anew.',
    )
    .default('ClientAssertion'),
  audience: audience()
    .describe(
      "The audience that the issuer expects in ServiceAccount tokens; `spec.issuer` if left out, and at Hydra its token endpoint, which is what Hydra compares with. It must be this issuer's alone, and never the API server's: the cluster's ServiceAccount issuer is refused, but where `--api-audiences` gives the API server others, it is for you to keep them apart. It also has to be a value of the ConfigMap `grantor-audiences` in Grantor's own namespace: for others no token is asked for (`AudienceNotInstalled`).",
    )
    .optional(),
  assertionReuse: z
    .enum(['Reusable', 'SingleUse'])
    .describe(
      'Whether the issuer accepts a ServiceAccount token more than once. With `SingleUse` each token request gets its own.',
    )
    .default('Reusable'),
});

/** Claims that RFC 7519 and RFC 7800 keep at the top, and second names of those that are looked for under both. */
const fixedClaims = 'iss aud exp nbf iat jti cnf azp scp'.split(' ');

const jsonPointer = text(
  512,
  '^(/([!-.0-}]|~[01])+){1,8}$',
  'write a JSON Pointer (RFC 6901) of at most 8 steps, such as /realm_access/roles; ~1 stands for / within a name, ~0 for ~',
);

const pointers = boundedMap(jsonPointer, {
  max: 16,
  keyLength: 128,
  keyPattern: '^[!-~]+$',
  message: 'write names of claims: printable ASCII without spaces, at most 128 characters',
});

const claimPaths = withRule(pointers, {
  cel: `self.all(key, !(key in [${fixedClaims.map((claim) => `'${claim}'`).join(', ')}]))`,
  message: `write other claims than ${fixedClaims.join(', ')}: those are where the RFCs put them, and scp and azp are found by the paths of scope and client_id`,
  holds: (paths) => !fixedClaims.some((claim) => Object.hasOwn(paths, claim)),
});

const tokens = z.object({
  toleratedAudiences: listSet(audience(), { max: 16 })
    .describe(
      'Audiences that the issuer puts into every token, whoever asks (`account` at Keycloak). A token may carry them beside the audience that was asked for; every other one more is refused. What they open, they open to each tenant of this issuer.',
    )
    .default([]),
  claimPaths: claimPaths
    .describe(
      'Where the issuer keeps claims that do not stand under their own name at the top of the token, as JSON Pointers: `roles: /realm_access/roles`. For `client_id`, `scope`, `roles`, `tenant_id` and the required claims of TenantScopes. What stands at the top under that name still counts: it must be within the grant too.',
    )
    .default({}),
});

/** What one process may send. */
const processLimits = (usual: { requestsPerSecond: number; burst: number; concurrency: number }) =>
  z.object({
    requestsPerSecond: z
      .int32()
      .min(1)
      .max(1000)
      .describe('Requests a second, in the long run.')
      .default(usual.requestsPerSecond),
    burst: z
      .int32()
      .min(1)
      .max(10_000)
      .describe('Requests that may be sent at once after a quiet time.')
      .default(usual.burst),
    concurrency: z
      .int32()
      .min(1)
      .max(256)
      .describe('Requests under way at the same time.')
      .default(usual.concurrency),
  });

const controllerLimits = processLimits({ requestsPerSecond: 50, burst: 100, concurrency: 16 });
/** A node that is filled with pods asks once for each of their volumes, 110 as kubelets are set up. */
const nodeLimits = processLimits({ requestsPerSecond: 2, burst: 150, concurrency: 8 });

const limits = z.object({
  controller: controllerLimits.describe('What the controller may send to the issuer.').prefault({}),
  perNode: nodeLimits
    .describe(
      'What the plug-in on each node may send to the issuer, for the volumes of its pods. The issuer sees as much from every node at the same time in the worst case.',
    )
    .prefault({}),
  timeout: durationField(seconds(1), seconds(20))
    .describe('How long one request may take in all.')
    .prefault('10s'),
  rotationSpacing: durationField(seconds(0), hours(1))
    .describe(
      'How far apart rotations of the credentials of clients begin at least, so that a thousand that are due together come one after the other.',
    )
    .prefault('1s'),
});

const spec = z.object({
  issuer: issuer.describe(
    'The issuer identifier, immutable and unique in the cluster. The metadata found there (RFC 8414) must name exactly this one.',
  ),
  driver: driver.describe(
    'How clients come to be at this issuer. An issuer cannot become `static`: what Grantor registered there could be withdrawn no more.',
  ),
  login: login
    .describe(
      'How Grantor itself logs in to manage clients: with the driver `keycloak`, and no other. What it has to be allowed there is in docs/keycloak.md.',
    )
    .optional(),
  federation: federation.describe("How workloads' ServiceAccount tokens are accepted.").prefault({}),
  tokens: tokens.describe('What the tokens of this issuer look like.').prefault({}),
  unenforcedCeiling: z
    .enum(['Refuse', 'Accept'])
    .describe(
      'What becomes of clients when the issuer cannot hold their registrations to the ceiling of the tenant. `Accept` means that a workload which talks to the issuer by itself may get more than its TenantScope allows.',
    )
    .default('Refuse'),
  resyncInterval: durationField(minutes(1), hours(24))
    .describe(
      'How often each client is read at the issuer and compared with what it should be, by one request, each at a time of its own within the interval.',
    )
    .prefault('30m'),
  tls: z
    .object({
      caBundleRef: keyRef('ConfigMap').describe(
        'The certificate authorities to trust, PEM, instead of the public ones.',
      ),
    })
    .describe('How the issuer is recognised.')
    .optional(),
  limits: limits.describe('What protects the issuer from us.').prefault({}),
});

const heldKey = z.object({
  keyID: z.string().max(256).describe('Its `kid`.'),
  formerSince: z.iso
    .datetime({ offset: true })
    .describe('Since when the cluster names it no more. An hour later the issuer lets it go.')
    .optional(),
});

const status = z.object({
  ...commonStatus,
  heldKeys: listMap(heldKey, 'keyID', { max: 32 })
    .describe(
      "The keys of the cluster's ServiceAccount tokens that an issuer was given which does not fetch them.",
    )
    .optional(),
  capabilities: listSet(z.string().max(64), { max: 32 })
    .describe('What the issuer can do, from its metadata.')
    .optional(),
});

const withLogin = withRule(spec, {
  cel: 'has(self.login) == has(self.driver.keycloak)',
  message: 'spec.login belongs to the driver keycloak: write both or neither',
  holds: ({ login, driver }) => (login === undefined) === (driver.keycloak === undefined),
});

const ofRealm = withRule(withLogin, {
  cel: "!has(self.driver.keycloak) || self.issuer.matches(r'^.+/realms/[^/]+$')",
  message: 'with the driver keycloak, write the identifier of a realm: https://…/realms/<realm>',
  holds: ({ issuer, driver }) => driver.keycloak === undefined || /\/realms\/[^/]+$/.test(issuer),
});

const ofRealmAlone = withRule(ofRealm, {
  cel: "!has(self.driver.keycloak) || (self.federation.method in ['ClientAssertion', 'None'] && (!has(self.federation.audience) || self.federation.audience == self.issuer))",
  message:
    'Keycloak takes a ServiceAccount token as client assertion, for its realm alone: write the method ClientAssertion or None, and no other audience than spec.issuer',
  holds: ({ driver, issuer, federation: { method, audience } }) =>
    driver.keycloak === undefined ||
    (['ClientAssertion', 'None'].includes(method) && (audience ?? issuer) === issuer),
});

const suitableFederation = withRule(ofRealmAlone, {
  cel: "!has(self.driver.hydra) || self.federation.method == 'None' || (self.federation.method == 'JWTBearer' && self.federation.assertionReuse == 'SingleUse')",
  message:
    'Hydra takes a ServiceAccount token as a grant, and each only once: write federation: {method: JWTBearer, assertionReuse: SingleUse}, or method: None',
  holds: ({ driver, federation: { method, assertionReuse } }) =>
    driver.hydra === undefined ||
    method === 'None' ||
    (method === 'JWTBearer' && assertionReuse === 'SingleUse'),
});

const fixedIdentifier = withValidation(suitableFederation, {
  rule: 'self.issuer == oldSelf.issuer',
  message: 'spec.issuer cannot be changed; create another OAuthIssuer and move the clients to it',
});

export const oauthIssuerKind = defineKind({
  kind: 'OAuthIssuer',
  plural: 'oauthissuers',
  shortName: 'oiss',
  namespaced: false,
  description:
    'One authorization server that gives out tokens: what it is called, how clients come to be there, and how ServiceAccount tokens are accepted there. Written by platform admins.',
  columns: [
    { name: 'Issuer', type: 'string', jsonPath: '.spec.issuer' },
    { name: 'Federation', type: 'string', jsonPath: '.spec.federation.method', wide: true },
    ...stateColumns,
    ageColumn,
  ],
  conditions: ['Ready', 'Stalled'],
  spec: withValidation(fixedIdentifier, {
    rule: '!has(self.driver.static) || has(oldSelf.driver.static)',
    message:
      'spec.driver cannot become static: what was registered could be withdrawn no more; create another OAuthIssuer',
  }),
  status,
});

export type OAuthIssuer = ObjectOf<typeof oauthIssuerKind>;
