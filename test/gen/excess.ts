import type { Json } from '../../src/std/canonical-json.ts';
import type { Case } from './ceilings.ts';

// What a ceiling means, a second time and without a line of the rules: the test of the rules must not share their mistakes.

const list = (value: unknown): string[] =>
  (typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [value])
    .map(String)
    .filter(Boolean);

/** Every place at which a resource server might read a claim. */
const places: Readonly<Record<string, readonly (readonly string[])[]>> = {
  scope: [['scope'], ['scp'], ['authorization', 'scopes']],
  roles: [['roles'], ['realm_access', 'roles']],
  tenant_id: [['tenant_id'], ['org', 'tenant']],
  region: [['region'], ['https://acme/region']],
};

function read(claims: object, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of path)
    value = value !== null && typeof value === 'object' ? Reflect.get(value, name) : undefined;
  return value;
}

/** Whether this issuer is known to keep anything there: elsewhere nobody reads. */
const isRead = ({ issuer }: Case, name: string, path: readonly string[]): boolean =>
  path.length === 1 && !path[0]?.includes('/')
    ? true
    : issuer.spec.tokens.claimPaths[name] === `/${path.map((step) => step.replaceAll('/', '~1')).join('/')}`;

const said = (one: Case, name: string): unknown[] =>
  (places[name] ?? [])
    .filter((path) => isRead(one, name, path))
    .map((path) => read(one.token.claims, path))
    .filter((value) => value !== undefined);

const reaches = (pattern: string, scope: string): boolean =>
  pattern.endsWith('*')
    ? scope.length >= pattern.length && scope.startsWith(pattern.slice(0, -1))
    : pattern === scope;

/** Everything in which a token goes beyond the TenantScope, the client or the binding that it is for. */
export function excess(one: Case): string[] {
  const { scope, issuer, client, binding, token } = one;
  const { tokens, suspend, tenantID } = scope.spec;
  const claims: { readonly [claim: string]: Json } = token.claims;
  const signed = said(one, 'scope');
  const scopes = (signed.length > 0 ? signed : [token.scope])
    .filter((value) => value !== undefined)
    .flatMap(list);
  const found: string[] = suspend ? ['suspended'] : [];
  const mayBeAnybodys = one.boundTo !== 'asked';
  if (tokens.proofOfPossession === 'DPoP' && mayBeAnybodys) found.push('unbound: tenant');
  if (client.spec.proofOfPossession === 'DPoP' && mayBeAnybodys) found.push('unbound: client');
  if (client.spec.proofOfPossession === 'None' && one.boundTo !== 'none') found.push('bound: client');
  for (const each of scopes) {
    if (!tokens.scopes.some((pattern) => reaches(pattern, each))) found.push(`scope ${each}: tenant`);
    if (!client.spec.scopes.includes(each)) found.push(`scope ${each}: client`);
    if (!binding.spec.token.scopes.includes(each)) found.push(`scope ${each}: binding`);
  }
  for (const each of list(claims['aud'])) {
    if (issuer.spec.tokens.toleratedAudiences.includes(each)) continue;
    if (!tokens.audiences.includes(each) || each !== binding.spec.token.audience)
      found.push(`audience ${each}`);
  }
  for (const each of said(one, 'roles').flatMap(list))
    if (!tokens.roles.includes(each) || !client.spec.roles.includes(each)) found.push(`role ${each}`);
  for (const each of said(one, 'tenant_id')) if (each !== tenantID) found.push(`tenant ${String(each)}`);
  for (const [name, value] of Object.entries(tokens.requiredClaims))
    if (!said(one, name).includes(value)) found.push(`claim ${name}`);
  return found;
}
