import { type Capability, capabilities } from '../../src/domain/capability.ts';
import { hydraVersion } from '../issuers/hydra-program.ts';
import { keycloakVersion } from '../issuers/keycloak-distribution.ts';
import type { IssuerKind } from './issuer-driver/suite.ts';

const without = (...missing: readonly Capability[]): readonly Capability[] =>
  capabilities.filter((capability) => !missing.includes(capability));

const management: readonly Capability[] = ['Update', 'Deregister', 'Compare', 'RevokeAll'];

/** The embedded issuer, behind the standard driver. */
export const embedded: IssuerKind = {
  name: 'the embedded issuer',
  capabilities: without('ManageByMark', 'Adopt', 'List', 'HoldKeys', 'AuthorizationCode', 'PublicClient'),
  federation: ['ClientAssertion', 'JWTBearer', 'TokenExchange'],
  traits: ['OneClientPerWorkload', 'KnowsServiceAccountUID', 'SeesCertificates'],
  refusals: {
    audience: 'invalid_target',
    scope: 'invalid_scope',
    wrongSecret: 'invalid_client',
    unknownClient: 'invalid_client',
  },
};

/** The same behind something that ends TLS before it. */
export const proxied: IssuerKind = {
  ...embedded,
  traits: embedded.traits.filter((trait) => trait !== 'SeesCertificates'),
};

/** A realm of Keycloak with the features that docs/keycloak.md names. */
export const keycloak: IssuerKind = {
  name: 'Keycloak',
  capabilities: without('HoldKeys', 'MutualTLSAuthentication'),
  federation: ['ClientAssertion'],
  traits: [],
  refusals: {
    audience: 'invalid_scope',
    scope: 'invalid_scope',
    wrongSecret: 'unauthorized_client',
    unknownClient: 'invalid_client',
  },
};

/** Hydra as it comes, without a token hook. */
export const hydra: IssuerKind = {
  name: 'Hydra',
  capabilities: without(
    'TenantClaims',
    'BoundAssertions',
    'MutualTLSAuthentication',
    'SecretOverlap',
    'DPoP',
    'Introspect',
  ),
  federation: ['JWTBearer'],
  traits: [],
  refusals: {
    audience: 'invalid_request',
    scope: 'invalid_scope',
    wrongSecret: 'invalid_client',
    unknownClient: 'invalid_client',
  },
};

/** Hydra with examples/hydra-token-hook. */
export const hydraWithHook: IssuerKind = {
  ...hydra,
  name: 'Hydra with a token hook',
  capabilities: [...hydra.capabilities, 'TenantClaims', 'BoundAssertions'],
  traits: ['KnowsServiceAccountUID'],
};

/** The servers that Grantor is tested with, for docs/issuers.md. */
export const documentedKinds: readonly { readonly server: string; readonly kind: IssuerKind }[] = [
  { server: 'embedded', kind: embedded },
  { server: `Keycloak ${keycloakVersion}`, kind: keycloak },
  { server: `Hydra ${hydraVersion.slice(1)}`, kind: hydra },
  { server: 'with a token hook', kind: hydraWithHook },
];

/** One that registers clients and has nothing to manage them by (RFC 7592), which its metadata can't say. */
export const unmanaged: IssuerKind = {
  ...proxied,
  name: 'an issuer without client management',
  capabilities: embedded.capabilities.filter((capability) => !management.includes(capability)),
  announcedInVain: management,
};

/** The one in memory, which has the rules of the embedded issuer. */
export const fake: IssuerKind = {
  ...embedded,
  name: 'the fake',
  capabilities: without('ManageByMark', 'Adopt', 'HoldKeys'),
};

/** The one in memory, whose clients are managed by their marks. */
export const fakeByMark: IssuerKind = {
  ...fake,
  name: 'the fake with marks',
  capabilities: without('HoldKeys'),
};
