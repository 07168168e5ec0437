import { type Capability, capabilities } from '../../src/domain/capability.ts';
import type { IssuerKind } from './issuer-driver/suite.ts';

const without = (...missing: readonly Capability[]): readonly Capability[] =>
  capabilities.filter((capability) => !missing.includes(capability));

const management: readonly Capability[] = ['Update', 'Deregister', 'Compare', 'RevokeAll'];

/** The embedded issuer, behind the standard driver. */
export const embedded: IssuerKind = {
  name: 'the embedded issuer',
  capabilities: without('ManageByMark', 'Adopt', 'List', 'AuthorizationCode', 'PublicClient', 'HoldKeys'),
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
