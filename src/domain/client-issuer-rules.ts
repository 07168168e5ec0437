import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import { authenticationMethod } from './authentication-method.ts';
import type { Capability } from './capability.ts';
import { mayKnowIssuer } from './client-ceiling-rules.ts';
import type { ExistingClientFacts } from './client-facts.ts';
import { federationMethodOf } from './federation-method.ts';
import type { AuthenticationMethod } from './grant.ts';
import { isGoing, issuerHas, isUsable } from './issuer-usable.ts';
import { type Rule, type Violation, violation, violationsOf } from './violation.ts';

type ClientRule = Rule<ExistingClientFacts>;

const issuerExists: ClientRule = ({ issuer, client }) =>
  issuer === undefined
    ? violation('IssuerNotFound', 'spec.issuerRef', `there is no OAuthIssuer ${client.spec.issuerRef.name}`)
    : undefined;

const issuerStays: ClientRule = ({ issuer }) =>
  issuer !== undefined && isGoing(issuer)
    ? violation('IssuerGoing', 'spec.issuerRef', `OAuthIssuer ${issuer.metadata.name} is being deleted`)
    : undefined;

const federationEnabled: ClientRule = ({ issuer, client }) =>
  issuer?.spec.federation.method === 'None' && client.spec.authentication.federated !== undefined
    ? violation(
        'FederationDisabled',
        'spec.authentication',
        `OAuthIssuer ${issuer.metadata.name} has spec.federation.method None`,
      )
    : undefined;

const clientIDFitsTheDriver: ClientRule = ({ issuer, client }) => {
  if (issuer === undefined) return undefined;
  const { clientID } = client.spec;
  if (issuer.spec.driver.static !== undefined && clientID === undefined) {
    return violation(
      'ClientIDRequired',
      'spec.clientID',
      `OAuthIssuer ${issuer.metadata.name} registers no clients; name the client that was registered there by other means`,
    );
  }
  if (issuer.spec.driver.static === undefined && clientID !== undefined) {
    return violation(
      'ClientIDForbidden',
      'spec.clientID',
      `OAuthIssuer ${issuer.metadata.name} assigns client ids itself; remove the field`,
    );
  }
  return undefined;
};

/** A rule about what the issuer can do; asked once that is known. */
const issuerCan =
  (
    rule: (
      can: (capability: Capability) => boolean,
      facts: ExistingClientFacts,
      issuer: OAuthIssuer,
    ) => Violation | undefined,
  ): ClientRule =>
  (facts) => {
    const { issuer } = facts;
    if (issuer === undefined || !isUsable(issuer)) return undefined;
    return rule((capability) => issuerHas(issuer, capability), facts, issuer);
  };

const registrationSupported = issuerCan((can, _, { metadata, spec }) =>
  can('Register') || spec.driver.static !== undefined
    ? undefined
    : violation(
        'RegistrationUnsupported',
        'spec.issuerRef',
        `OAuthIssuer ${metadata.name} has no registration endpoint`,
      ),
);

/** Only who may mark a client can take it over and know it again. */
const adoptionSupported = issuerCan((can, { client }, { metadata }) =>
  client.spec.adopt === undefined || can('Adopt')
    ? undefined
    : violation(
        'AdoptionUnsupported',
        'spec.adopt',
        `OAuthIssuer ${metadata.name} cannot take over client ${client.spec.adopt.clientID}`,
      ),
);

/** The registration is the boundary: a pod can present its own ServiceAccount token to the issuer without us. */
const ceilingIsEnforced = issuerCan((can, { client, tenancy }, { metadata, spec }) => {
  const mustProve = tenancy.kind === 'tenant' && tenancy.scope.spec.tokens.proofOfPossession === 'DPoP';
  const isFederated = client.spec.authentication.federated !== undefined;
  const loose = [
    ...(can('EnforceCeiling') ? [] : ['audiences and lifetime']),
    // A token of its ServiceAccount that opens another client opens what that one may have.
    ...(isFederated && !can('BoundAssertions') ? ['own clients'] : []),
    ...(mustProve && !(can('DPoP') && can('Register')) ? ['proof of possession'] : []),
  ];
  if (loose.length === 0 || spec.unenforcedCeiling === 'Accept') return undefined;
  return violation(
    'CeilingNotEnforceable',
    'spec.issuerRef',
    `OAuthIssuer ${metadata.name} cannot hold a registration to the tenant's ${loose.join(', nor to its ')}, and its spec.unenforcedCeiling is Refuse`,
  );
});

/** Told before a token shows it. What else puts claims into tokens, at an issuer whose ceiling nobody enforces, is not known here. */
const claimsSupported = issuerCan((can, { client, tenancy }, { metadata, spec }) => {
  if (can('TenantClaims') || spec.unenforcedCeiling === 'Accept') return undefined;
  const required = tenancy.kind === 'tenant' ? Object.keys(tenancy.scope.spec.tokens.requiredClaims) : [];
  const claims = [...required, ...(client.spec.roles.length > 0 ? ['roles'] : [])];
  if (claims.length === 0) return undefined;
  return violation(
    'ClaimUnsupported',
    'spec.issuerRef',
    `OAuthIssuer ${metadata.name} puts no claims of a registration into tokens, and ${claims.join(', ')} would be missing`,
  );
});

/** For the clients of a static issuer we keep no credentials: the workload's own identity is the only one. */
const authenticationSupported = issuerCan((can, { client }, issuer) => {
  const { metadata, spec } = issuer;
  const method = authenticationMethod(client.spec.authentication);
  return can(method === 'Public' ? 'PublicClient' : `${method}Authentication`) &&
    (spec.driver.static === undefined || method === 'Federated')
    ? undefined
    : violation(
        'AuthenticationUnsupported',
        'spec.authentication',
        `OAuthIssuer ${metadata.name} does not support ${nameOf(method, issuer)}`,
      );
});

const nameOf = (method: AuthenticationMethod, issuer: OAuthIssuer): string =>
  method === 'Federated' ? `${method} by ${federationMethodOf(issuer)}` : method;

const proofSupported = issuerCan((can, { client }, { metadata }) =>
  can('DPoP') || client.spec.proofOfPossession === 'None'
    ? undefined
    : violation(
        'ProofOfPossessionUnsupported',
        'spec.proofOfPossession',
        `OAuthIssuer ${metadata.name} does not support ${client.spec.proofOfPossession}`,
      ),
);

/** Client credentials are what every issuer here is for. Who registers nothing holds no redirect URIs either. */
const grantTypesSupported = issuerCan((can, { client }, { metadata }) =>
  can('AuthorizationCode') || !client.spec.grantTypes.includes('AuthorizationCode')
    ? undefined
    : violation(
        'GrantTypeUnsupported',
        'spec.grantTypes',
        `OAuthIssuer ${metadata.name} does not support AuthorizationCode`,
      ),
);

const issuerRules: readonly ClientRule[] = [
  issuerExists,
  issuerStays,
  federationEnabled,
  clientIDFitsTheDriver,
  registrationSupported,
  adoptionSupported,
  ceilingIsEnforced,
  claimsSupported,
  grantTypesSupported,
  authenticationSupported,
  proofSupported,
];

/** What the issuer of a client, or its absence, stands in the way of. */
export const issuerViolations = (facts: ExistingClientFacts): readonly Violation[] =>
  mayKnowIssuer(facts) ? violationsOf(issuerRules, facts) : [];
