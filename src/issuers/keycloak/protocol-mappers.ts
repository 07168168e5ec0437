import type { DesiredClient } from '../../domain/desired-client.ts';

/** What puts a claim into the tokens of a client. */
export interface ProtocolMapper {
  readonly name: string;
  readonly protocolMapper: string;
  readonly config: Readonly<Record<string, string>>;
}

const inAccessTokens = { 'access.token.claim': 'true', 'introspection.token.claim': 'true' };
const nowhereElse = { 'id.token.claim': 'false', 'userinfo.token.claim': 'false' };

const hardcoded = (name: string, value: string, type: 'String' | 'JSON'): ProtocolMapper => ({
  name,
  protocolMapper: 'oidc-hardcoded-claim-mapper',
  config: {
    'claim.name': name,
    'claim.value': value,
    'jsonType.label': type,
    ...inAccessTokens,
    ...nowhereElse,
  },
});

/** What stands in every token of a client: its tenant and its roles, and who it is in the words of RFC 9068 section 2.2. */
export const clientMappers = (
  { tenantID, roles }: Pick<DesiredClient, 'tenantID' | 'roles'>,
  clientID: string,
): readonly ProtocolMapper[] => [
  hardcoded('tenant_id', tenantID, 'String'),
  hardcoded('roles', JSON.stringify(roles), 'JSON'),
  hardcoded('client_id', clientID, 'String'),
  { name: 'sub', protocolMapper: 'oidc-sub-mapper', config: inAccessTokens },
];

export const audienceMapper = (audience: string): ProtocolMapper => ({
  name: 'audience',
  protocolMapper: 'oidc-audience-mapper',
  config: { 'included.custom.audience': audience, ...inAccessTokens, 'id.token.claim': 'false' },
});

/** The names of mappers that are not held as they are wanted, or not wanted at all; their order and what Keycloak adds to their settings is no matter. */
export const otherMappers = (
  wanted: readonly ProtocolMapper[],
  held: readonly ProtocolMapper[],
): readonly string[] => {
  const others = held.filter(({ name }) => !wanted.some((mapper) => mapper.name === name));
  const changed = wanted.filter((mapper) => !held.some((one) => isHeld(mapper, one)));
  return [...new Set([...others, ...changed].map(({ name }) => name))];
};

const isHeld = (wanted: ProtocolMapper, held: ProtocolMapper): boolean =>
  wanted.name === held.name &&
  wanted.protocolMapper === held.protocolMapper &&
  Object.entries(wanted.config).every(([key, value]) => held.config[key] === value);
