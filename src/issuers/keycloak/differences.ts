import { sameJson } from '../../std/canonical-json.ts';
import type { HeldClient } from './held-client.ts';
import { otherMappers } from './protocol-mappers.ts';
import type { Representation } from './representation.ts';
import { isReserved, keycloaksOwnScope } from './scope-names.ts';

/** What people call it; anything else goes by Keycloak's own name. */
const words: Readonly<Record<string, string>> = {
  clientAuthenticatorType: 'authentication',
  redirectUris: 'redirect URIs',
  standardFlowEnabled: 'grant types',
  serviceAccountsEnabled: 'grant types',
  'access.token.lifespan': 'lifetime',
  'dpop.bound.access.tokens': 'proof of possession',
  'jwt.credential.issuer': 'authentication',
  'jwt.credential.sub': 'authentication',
  'jwks.string': 'keys',
  'use.jwks.string': 'keys',
  'use.jwks.url': 'keys',
  'grantor.mark': 'mark',
  'grantor.tenant': 'tenant_id',
};

/**
 * In which respects a client differs from what is wanted, of those that are ours. What Keycloak adds is no difference, nor is another order,
 * nor whether something that is off is said to be off or not said at all. Whatever could widen what the client obtains is one.
 */
export function differencesOf(wanted: Representation, held: HeldClient): readonly string[] {
  const isDisabled = wanted.members['enabled'] === false;
  const names = [
    ...Object.keys(wanted.members).filter(
      (name) => name !== 'clientId' && isOther(wanted.members[name], held.member(name)),
    ),
    ...Object.keys(wanted.attributes).filter(
      (name) => !sameText(wanted.attributes[name], held.attributes[name]),
    ),
    ...otherMappers(wanted.mappers, held.mappers),
    ...(isDisabled ? [] : otherScopes(wanted, held)),
  ];
  return [...new Set(names.map((name) => words[name] ?? name))];
}

/** A disabled client can ask for none of its scopes. */
const otherScopes = (wanted: Representation, held: HeldClient): readonly string[] => [
  ...held.defaultScopes
    .filter((scope) => scope !== keycloaksOwnScope)
    .map((scope) => `default client scope ${scope}`),
  ...notInBoth(wanted.scopes, held.optionalScopes).map((scope) => (isReserved(scope) ? 'audience' : 'scope')),
];

/** Lists are compared without their order; what is not said is off. */
function isOther(wanted: unknown, held: unknown): boolean {
  return Array.isArray(wanted)
    ? notInBoth(wanted, Array.isArray(held) ? held : []).length > 0
    : (held ?? false) !== wanted;
}

const notInBoth = <T>(some: readonly T[], others: readonly T[]): readonly T[] => [
  ...some.filter((item) => !others.includes(item)),
  ...others.filter((item) => !some.includes(item)),
];

const sameText = (wanted: unknown, held: unknown): boolean =>
  wanted === held || (isOff(wanted) && isOff(held)) || sameJSON(wanted, held);

const isOff = (value: unknown): boolean => ['', 'false', undefined, null].includes(value as string);

/** A key set that was written anew. */
function sameJSON(wanted: unknown, held: unknown): boolean {
  if (typeof wanted !== 'string' || typeof held !== 'string' || !wanted.startsWith('{')) return false;
  try {
    return sameJson(JSON.parse(wanted), JSON.parse(held));
  } catch {
    return false;
  }
}
