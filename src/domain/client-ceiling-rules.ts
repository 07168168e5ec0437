import { formatDuration } from '../std/duration.ts';
import { accessTokenLifetime } from './access-token-lifetime.ts';
import { authenticationMethod } from './authentication-method.ts';
import { claimedClient } from './claimed-client.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { scopesOutside } from './scope-pattern.ts';
import { aboveCeiling, type Rule, type Violation, violation, violationsOf } from './violation.ts';
import { scopeNamed, withinTenant } from './within-tenant.ts';

/** A client and its tenant: all that a comparison with the ceiling needs. */
type CeilingFacts = Pick<ExistingClientFacts, 'client' | 'tenancy'>;
type CeilingRule = Rule<CeilingFacts>;

export const issuerAllowed: CeilingRule = withinTenant(
  'IssuerNotAllowed',
  'spec.issuerRef.name',
  ({ client }) => [client.spec.issuerRef.name],
  ({ issuerRefs }) => issuerRefs.map(({ name }) => name),
);

const grantTypesAllowed: CeilingRule = withinTenant(
  'GrantTypeNotAllowed',
  'spec.grantTypes',
  ({ client }) => client.spec.grantTypes,
  ({ clients }) => clients.grantTypes,
);

/** As it stands there: whatever a browser makes of the text, the host that was allowed is the host that is compared. */
const hostOf = (redirectURI: string): string | undefined =>
  /^https?:\/\/(\[[^\]]*\]|[^:/]*)/.exec(redirectURI)?.[1];

const redirectURIsAllowed: CeilingRule = withinTenant(
  'RedirectURINotAllowed',
  'spec.redirectURIs',
  ({ client }) => client.spec.redirectURIs,
  ({ clients }) => clients.redirectHosts,
  (hosts, uris) => uris.filter((uri) => !hosts.includes(hostOf(uri) ?? '')),
);

const authenticationAllowed: CeilingRule = withinTenant(
  'AuthenticationNotAllowed',
  'spec.authentication',
  ({ client }) => [authenticationMethod(client.spec.authentication)],
  ({ clients }) => clients.authentication,
);

/** Whoever writes an id names a client that was there before, and it may be anybody's. */
const adoptionAllowed: CeilingRule = ({ tenancy, client }) => {
  const claimed = claimedClient(client);
  if (claimed === undefined || tenancy.kind !== 'tenant') return undefined;
  const { scope } = tenancy;
  if (scope.spec.clients.adoption === 'Allowed') return undefined;
  return violation(
    'AdoptionNotAllowed',
    claimed.field,
    `${scopeNamed(scope)} does not allow ${claimed.clientID}; allowed: no clients that somebody else registered`,
  );
};

const scopesAllowed: CeilingRule = withinTenant(
  'ScopeNotAllowed',
  'spec.scopes',
  ({ client }) => client.spec.scopes,
  ({ tokens }) => tokens.scopes,
  scopesOutside,
);

const audiencesAllowed: CeilingRule = withinTenant(
  'AudienceNotAllowed',
  'spec.audiences',
  ({ client }) => client.spec.audiences,
  ({ tokens }) => tokens.audiences,
);

const rolesAllowed: CeilingRule = withinTenant(
  'RoleNotAllowed',
  'spec.roles',
  ({ client }) => client.spec.roles,
  ({ tokens }) => tokens.roles,
);

const lifetimeAllowed: CeilingRule = ({ tenancy, client }) => {
  if (tenancy.kind !== 'tenant') return undefined;
  const { maxLifetime } = tenancy.scope.spec.tokens;
  const asked = accessTokenLifetime(client, tenancy.scope);
  if (asked <= maxLifetime) return undefined;
  return aboveCeiling({
    reason: 'LifetimeNotAllowed',
    by: scopeNamed(tenancy.scope),
    field: 'spec.accessTokenLifetime',
    values: [formatDuration(asked)],
    allowed: [`at most ${formatDuration(maxLifetime)}`],
  });
};

const proofAllowed: CeilingRule = withinTenant(
  'ProofOfPossessionRequired',
  'spec.proofOfPossession',
  ({ client }) => [client.spec.proofOfPossession],
  ({ tokens }) => (tokens.proofOfPossession === 'DPoP' ? ['DPoP'] : ['None', 'DPoP']),
);

/** The ceiling of the tenant on what a client asks for. */
export const clientCeilingRules: readonly CeilingRule[] = [
  issuerAllowed,
  grantTypesAllowed,
  redirectURIsAllowed,
  authenticationAllowed,
  adoptionAllowed,
  scopesAllowed,
  audiencesAllowed,
  rolesAllowed,
  lifetimeAllowed,
  proofAllowed,
];

/** The same, as far as a binding takes it on from its client: scopes and audience it names itself. */
const inheritedRules = clientCeilingRules.filter(
  (rule) => rule !== scopesAllowed && rule !== audiencesAllowed,
);

/** What of a client is above the ceiling and would be in every token of its bindings. */
export const ceilingViolations = (facts: CeilingFacts): readonly Violation[] =>
  violationsOf(inheritedRules, facts);

/** Whether the tenant may know anything of the client's issuer: elsewhere its answers would tell which issuers there are. */
export const mayKnowIssuer = (facts: CeilingFacts): boolean =>
  facts.tenancy.kind === 'tenant' && issuerAllowed(facts) === undefined;

/** Whether the tenant may have what the client claims to be at its issuer. */
export const mayAdopt = (facts: CeilingFacts): boolean =>
  mayKnowIssuer(facts) && adoptionAllowed(facts) === undefined;
