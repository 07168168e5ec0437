import * as z from 'zod';
import { hours, seconds } from '../std/duration.ts';
import { commonStatus } from './conditions.ts';
import { durationField } from './duration-field.ts';
import { audience, boundedMap, listMap, listSet, nameRef, role, scopePattern } from './fields.ts';
import { defineKind, type ObjectOf } from './kind.ts';
import { namespaceSelector, serviceAccountSelector } from './label-selector.ts';
import { ageColumn, stateColumns } from './printer-column.ts';
import { redirectHost } from './redirect-uri.ts';
import { text, withRule, withValidation } from './rule.ts';

const tenantID = text(
  63,
  '^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$',
  'write letters and digits, with - . _ in between',
);

/** A quota counts what there is, refused or not: the oldest are within. */
const quota = (usual: number) => z.int32().min(0).max(10_000).default(usual);

const clients = z.object({
  max: quota(50).describe(
    'How many OAuthClients the tenant may have, in all its namespaces. All that there are count; the oldest are allowed.',
  ),
  grantTypes: listSet(z.enum(['ClientCredentials', 'AuthorizationCode']), { max: 2 })
    .describe(
      'The grant types that clients may have. With `AuthorizationCode` an application gets tokens of its users from the issuer itself, past Grantor: what holds those to the ceiling is the registration alone.',
    )
    .default(['ClientCredentials']),
  redirectHosts: listSet(redirectHost(), { max: 64 })
    .describe(
      'The hosts that redirect URIs of clients may have, at any port, each compared as it stands; the loopback too is allowed only where `127.0.0.1` or `[::1]` is listed.',
    )
    .default([]),
  authentication: listSet(z.enum(['Federated', 'PrivateKey', 'Secret', 'MutualTLS', 'Public']), { max: 5 })
    .describe(
      'How clients may log in to the issuer: by ServiceAccount token, private key, client secret, or TLS certificate; `Public` are those that do not, for users alone.',
    )
    .default(['Federated']),
  adoption: z
    .enum(['Denied', 'Allowed'])
    .describe(
      'Whether clients may be such that somebody else registered, which OAuthClients name by `spec.clientID` or take over by `spec.adopt`. Grantor cannot know whose they are.',
    )
    .default('Denied'),
  orphaning: z
    .enum(['Denied', 'Allowed'])
    .describe(
      'Whether clients may be left at the issuer with all their rights when their OAuthClient is deleted with `spec.deletionPolicy: Orphan`. What is left so, neither a suspension nor a lower ceiling reaches. With `Denied` they are disabled instead.',
    )
    .default('Denied'),
});

const bindings = z.object({
  max: quota(200).describe(
    'How many WorkloadIdentityBindings the tenant may have, in all its namespaces. All that there are count; the oldest are allowed.',
  ),
});

/** Claims that each token is compared with its grant in anyway, and those that no two tokens share. */
const ownClaims = 'iss aud exp nbf iat jti client_id azp scope scp roles'.split(' ');

const claims = boundedMap(text(256, '^[ -~]+$', 'write the value in printable ASCII'), {
  max: 16,
  keyLength: 128,
  keyPattern: '^[!-~]+$',
  message: 'write names of claims: printable ASCII without spaces, at most 128 characters',
});

const requiredClaims = withRule(claims, {
  cel: `self.all(key, !(key in [${ownClaims.map((claim) => `'${claim}'`).join(', ')}]))`,
  message: `write other claims than ${ownClaims.join(', ')}: those of each token are compared with what was asked for`,
  holds: (entries) => !ownClaims.some((claim) => Object.hasOwn(entries, claim)),
});

const tokens = z.object({
  scopes: listSet(scopePattern(), { max: 64 })
    .describe(
      'The scopes that may be asked for: a scope as it is (`openid`), or all that begin alike (`invoices.*`, with `*` once, at the end, after one of `. : / - _`).',
    )
    .default([]),
  audiences: listSet(audience(), { max: 64 })
    .describe('The audiences that tokens may be for, each compared as it stands.')
    .default([]),
  roles: listSet(role(), { max: 64 })
    .describe('The roles that tokens may carry, each compared as it stands.')
    .default([]),
  maxLifetime: durationField(seconds(10), hours(24)).describe('The longest life of a token.').prefault('15m'),
  requiredClaims: requiredClaims
    .describe(
      `Claims that every token must have with exactly this value; one that has not is not delivered. \`tenant_id\`, if given, is \`spec.tenantID\`. What every token is checked for anyway cannot be written here: ${ownClaims.join(', ')}.`,
    )
    .default({}),
  proofOfPossession: z
    .enum(['Optional', 'DPoP'])
    .describe(
      'Whether tokens have to be bound to a key, so that whoever steals one has nothing (RFC 9449). With `DPoP` clients that do not ask for it are refused, and so are issuers that cannot hold a registration to it.',
    )
    .default('Optional'),
  verification: z
    .enum(['Required', 'AllowUnverified'])
    .describe(
      'Whether tokens are delivered that nobody can look into: opaque ones of an issuer without introspection (RFC 7662). `AllowUnverified` takes the word of the token answer for scopes and lifetime, which must then be stated, and trusts the registration for the rest; where claims are required it allows nothing. A signature that is wrong and a token that the issuer calls inactive are refused either way.',
    )
    .default('Required'),
});

const spec = z.object({
  tenantID: tenantID.describe(
    'The tenant, immutable and unique in the cluster. Issuers that can are told to put it into tokens as `tenant_id`; a token of another tenant is never delivered, and one that names none only if `tokens.requiredClaims` does not ask for it.',
  ),
  namespaceSelector: namespaceSelector.describe(
    "The namespaces of the tenant, by their labels. A namespace that two TenantScopes select belongs to neither; `kube-*` and Grantor's own are never selected.",
  ),
  serviceAccountSelector: serviceAccountSelector
    .describe(
      'The ServiceAccounts in these namespaces that may have tokens, by their labels; if left out, all. Whoever may change a ServiceAccount may change its labels, unless admission reserves them.',
    )
    .prefault({}),
  issuerRefs: listMap(nameRef('OAuthIssuer'), 'name', { min: 1, max: 16 }).describe(
    'The OAuthIssuers at which the tenant may have clients.',
  ),
  clients: clients.describe('The ceiling on clients.').prefault({}),
  bindings: bindings.describe('The ceiling on bindings.').prefault({}),
  tokens: tokens.describe('The ceiling on tokens. What is not listed is refused.').prefault({}),
  deliveries: listSet(z.enum(['Volume', 'Secret']), { max: 2 })
    .describe(
      'Where tokens may be put: into volumes of pods (`csi.grantor.dev`), into Secrets. With `Volume` alone no token of this tenant ever reaches etcd. What clients log in with may be in Secrets all the same; that is for `clients.authentication` to say.',
    )
    .default(['Volume', 'Secret']),
  withdrawalDelay: durationField(seconds(0), hours(24))
    .describe(
      'How long what was granted stays when it may be by accident that it is granted no more: this TenantScope is deleted, selects a namespace no more, or not alone, or an OAuthIssuer is deleted. Nothing new is granted meanwhile, and tokens go on being renewed. `suspend` and a lower ceiling never wait.',
    )
    .prefault('10m'),
  suspend: z
    .boolean()
    .describe('Stops the tenant at once: no new registrations and tokens, and delivered Secrets are removed.')
    .default(false),
});

/** Tokens carry the tenant's own `tenant_id` and no other. */
const attainable = withRule(spec, {
  cel: "!('tenant_id' in self.tokens.requiredClaims) || self.tokens.requiredClaims['tenant_id'] == self.tenantID",
  message: 'write spec.tenantID as the required claim tenant_id, or leave that claim out',
  holds: ({ tenantID: own, tokens: { requiredClaims: required } }) => (required['tenant_id'] ?? own) === own,
});

const count = () => z.int32().min(0);

const refused = z.object({
  reason: z.string().max(64).describe('The reason, as in `status.violations` of the objects.'),
  clients: count().describe('OAuthClients that are refused for it.'),
  bindings: count().describe('WorkloadIdentityBindings that are refused for it.'),
});

const held = (what: string) =>
  z
    .array(z.string().max(512))
    .max(64)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe(`${what}, at most 64 of them.`);

const lastWithdrawal = z.object({
  reason: z.string().max(64).describe('Why, in one word for programs.'),
  startedAt: z.iso.datetime({ offset: true }).describe('When it began.'),
  clients: count().describe('OAuthClients that lost their rights by it, and have not got them back.'),
  bindings: count().describe('WorkloadIdentityBindings whose tokens were taken away by it.'),
  revocation: z
    .enum(['Confirmed', 'Unconfirmed'])
    .describe('Whether the issuers have confirmed for all of them that their tokens are revoked.'),
  exposedUntil: z.iso
    .datetime({ offset: true })
    .describe(
      'Until when validators that do not ask the issuer may still accept one of these tokens; left out while that is not known of all.',
    )
    .optional(),
});

const status = z.object({
  ...commonStatus,
  namespaces: count().describe('Namespaces that belong to the tenant now.').optional(),
  clients: count().describe('OAuthClients in these namespaces.').optional(),
  bindings: count().describe('WorkloadIdentityBindings in these namespaces.').optional(),
  refused: listMap(refused, 'reason', { max: 64 })
    .describe(
      'How many of them are refused, by reason; left out when none is. Several reasons may refuse one.',
    )
    .optional(),
  held: z
    .object({
      scopes: held('Scopes'),
      audiences: held('Audiences'),
      roles: held('Roles'),
    })
    .describe(
      'What the clients of the tenant may ask for at the moment, all together: `spec.tokens` is what they could ask for. Left out when no client is allowed.',
    )
    .optional(),
  lastWithdrawal: lastWithdrawal
    .describe(
      'The last time that something was taken away that was granted before; it stays when that is lifted.',
    )
    .optional(),
});

export const tenantScopeKind = defineKind({
  kind: 'TenantScope',
  plural: 'tenantscopes',
  shortName: 'tscope',
  namespaced: false,
  description:
    'Which namespaces are one tenant, and the ceiling on everything they may ask for. A namespace without a TenantScope gets no tokens. Written by platform admins.',
  columns: [
    { name: 'Tenant', type: 'string', jsonPath: '.spec.tenantID' },
    { name: 'Namespaces', type: 'integer', jsonPath: '.status.namespaces' },
    { name: 'Clients', type: 'integer', jsonPath: '.status.clients' },
    { name: 'Bindings', type: 'integer', jsonPath: '.status.bindings' },
    { name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspend' },
    ...stateColumns,
    ageColumn,
  ],
  conditions: ['Ready', 'Stalled'],
  spec: withValidation(attainable, {
    rule: 'self.tenantID == oldSelf.tenantID',
    message: 'spec.tenantID cannot be changed; create another TenantScope',
  }),
  status,
});

export type TenantScope = ObjectOf<typeof tenantScopeKind>;
