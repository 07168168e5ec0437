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
  traits: ['OneClientPerWorkload', 'KnowsServiceAccountUID'],
  refusals: {
    audience: 'invalid_target',
    scope: 'invalid_scope',
    wrongSecret: 'invalid_client',
    unknownClient: 'invalid_client',
  },
};

const inVain = (
  announcedInVain: readonly Capability[],
  { capabilities }: IssuerKind,
): Pick<IssuerKind, 'capabilities' | 'announcedInVain'> => ({
  capabilities: capabilities.filter((capability) => !announcedInVain.includes(capability)),
  announcedInVain,
});

/** The same behind something that ends TLS before it: of certificates of clients it sees nothing. */
export const proxied: IssuerKind = { ...embedded, ...inVain(['MutualTLSAuthentication'], embedded) };

/** One that registers clients and has nothing to manage them by (RFC 7592), which its metadata can't say. */
export const unmanaged: IssuerKind = {
  ...embedded,
  ...inVain([...management, 'MutualTLSAuthentication'], embedded),
  name: 'an issuer without client management',
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
