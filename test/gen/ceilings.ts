import * as fc from 'fast-check';
import type { OAuthClient } from '../../src/api/oauth-client.ts';
import type { OAuthIssuer } from '../../src/api/oauth-issuer.ts';
import type { TenantScope } from '../../src/api/tenant-scope.ts';
import type { WorkloadIdentityBinding } from '../../src/api/workload-identity-binding.ts';
import type { TokenFacts } from '../../src/domain/token-rule.ts';
import type { Json } from '../../src/std/canonical-json.ts';
import { minutes, seconds } from '../../src/std/duration.ts';
import { now } from './facts.ts';
import { aBinding, aClient, anIssuer, aTenantScope, withLifetime, withSpec } from './objects.ts';

/** A ceiling, what is asked for below or above it, and what the issuer makes of that. */
export interface Case {
  readonly scope: TenantScope;
  readonly issuer: OAuthIssuer;
  readonly client: OAuthClient;
  readonly binding: WorkloadIdentityBinding;
  readonly token: TokenFacts;
  /** Which key the token is bound to, if any. */
  readonly boundTo: 'asked' | 'other' | 'none';
}

const api = 'https://api.example';
const scopeNames = ['invoices.read', 'invoices.write', 'orders.read', 'invoices', 'openid'];
const roleNames = ['biller', 'auditor'];
const lifetimes = [minutes(1), minutes(10), minutes(15)];

/** Mostly everything: a case in which each list is cut is refused before a token is looked at. */
const mostOf = <T>(all: readonly T[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant([...all]) }, { weight: 1, arbitrary: fc.subarray([...all]) });
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );

const ceiling = fc
  .record({
    scopes: mostOf(['invoices.*', 'orders.*', 'openid']),
    audiences: mostOf([api, 'https://other.example']),
    roles: mostOf(roleNames),
    maxLifetime: fc.constantFrom(...lifetimes),
    requiredClaims: fc.constantFrom<Record<string, string>>(
      {},
      { tenant_id: 'acme' },
      { tenant_id: 'acme', region: 'eu' },
    ),
    proofOfPossession: mostly<'Optional' | 'DPoP'>('Optional', 'DPoP'),
    verification: mostly<'Required' | 'AllowUnverified'>('Required', 'AllowUnverified'),
  })
  .chain((tokens) =>
    mostly(false, true).map((suspend) => aTenantScope(withSpec<TenantScope>({ tokens, suspend }))),
  );

const claimPlaces = fc.constantFrom<Record<string, string>>(
  {},
  {},
  { roles: '/realm_access/roles', tenant_id: '/org/tenant' },
  { scope: '/authorization/scopes', client_id: '/client/id', region: '/https:~1~1acme~1region' },
);

const issuer = fc
  .record({ toleratedAudiences: fc.constantFrom([], ['account']), claimPaths: claimPlaces })
  .map((tokens) => anIssuer(withSpec<OAuthIssuer>({ tokens })));

const client = fc
  .record({
    scopes: mostOf(scopeNames.slice(0, 3)),
    audiences: fc.constant([api, 'https://other.example']),
    roles: fc.subarray(roleNames),
    accessTokenLifetime: fc.constantFrom(undefined, ...lifetimes),
    proofOfPossession: fc.constantFrom<'None' | 'DPoP'>('None', 'DPoP'),
  })
  .map(({ accessTokenLifetime, ...spec }) =>
    aClient(withSpec<OAuthClient>(spec), withLifetime(accessTokenLifetime)),
  );

const binding = fc
  .record({
    scopes: fc.subarray(scopeNames.slice(0, 3), { minLength: 1, maxLength: 2 }),
    audience: mostly(api, 'https://other.example', 'https://third.example'),
  })
  .map((token) => aBinding(withSpec<WorkloadIdentityBinding>({ token })));

const epoch = now / 1000;
const odd: readonly Json[] = [null, 0, -1, 1e12, true, '', [], {}, ['root'], 'root', { root: true }];

/** What an issuer may say beside, or in the place of, what was asked: `undefined` leaves it out. */
const surprise: fc.Arbitrary<readonly [string, Json | undefined]> = fc.oneof(
  fc.tuple(
    fc.constantFrom('scope', 'scp'),
    fc.constantFrom(...scopeNames, 'admin', 'invoices.read admin', ['invoices.read', 'orders.read']),
  ),
  fc.tuple(
    fc.constant('aud'),
    fc.constantFrom<Json>(api, 'account', [api, 'account'], [api, 'https://other.example'], [api, 'root']),
  ),
  fc.tuple(fc.constant('roles'), fc.subarray([...roleNames, 'root'])),
  fc.tuple(fc.constantFrom('tenant_id', 'region'), fc.constantFrom('acme', 'globex', 'eu', 'us')),
  fc.tuple(
    fc.constantFrom('exp', 'iat'),
    fc.integer({ min: -700, max: 1500 }).map((after) => epoch + after),
  ),
  fc.tuple(fc.constant('realm_access'), fc.constantFrom<Json>({ roles: ['root'] }, { roles: ['biller'] })),
  fc.tuple(fc.constant('authorization'), fc.constantFrom<Json>({ scopes: 'admin' }, { scopes: ['openid'] })),
  fc.tuple(fc.constant('org'), fc.constantFrom<Json>({ tenant: 'globex' }, { tenant: 'acme' })),
  fc.tuple(
    fc.constantFrom('iss', 'aud', 'exp', 'iat', 'nbf', 'client_id', 'scope', 'roles', 'tenant_id'),
    fc.constantFrom(undefined, ...odd),
  ),
);

const beside = fc.record(
  {
    expiresIn: fc.constantFrom(seconds(30), minutes(10), minutes(120)),
    scope: fc.constantFrom(...scopeNames, 'admin'),
  },
  { requiredKeys: [] },
);

/** A token exactly as it was asked for, where this issuer keeps things. */
function asAsked({
  issuer: { spec },
  client: { spec: asks },
  binding: { spec: wants },
}: Omit<Case, 'token' | 'boundTo'>) {
  const claims: Record<string, Json> = {
    iss: spec.issuer,
    aud: [wants.token.audience, ...spec.tokens.toleratedAudiences],
    iat: epoch,
    exp: epoch + (asks.accessTokenLifetime ?? minutes(1)) / 1000,
  };
  const kept: Record<string, Json> = {
    client_id: 'client-1',
    scope: wants.token.scopes.join(' '),
    roles: asks.roles,
    tenant_id: 'acme',
    region: 'eu',
  };
  for (const [name, value] of Object.entries(kept)) {
    const [first = name, second] = (spec.tokens.claimPaths[name] ?? `/${name}`)
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/'));
    claims[first] = second === undefined ? value : { [second]: value };
  }
  return claims;
}

/** Cases of which a good part is delivered, and most others differ from those in one thing. */
export const aCase: fc.Arbitrary<Case> = fc
  .record({
    ...{ scope: ceiling, issuer, client, binding },
    surprises: fc.array(surprise, { maxLength: 2 }),
    beside,
    bound: mostly<'rightly' | 'otherwise' | 'not'>('rightly', 'otherwise', 'not'),
  })
  .map(({ surprises, beside: said, bound, ...asked }) => {
    const claims = { ...asAsked(asked), ...Object.fromEntries(surprises) };
    const present = Object.entries(claims).filter(([, value]) => value !== undefined);
    const wanted = asked.client.spec.proofOfPossession === 'DPoP';
    const boundTo = bound === 'otherwise' ? 'other' : bound === 'rightly' && wanted ? 'asked' : 'none';
    if (boundTo !== 'none') present.push(['cnf', { jkt: `${boundTo}-key` }]);
    const key = wanted ? { keyThumbprint: 'asked-key' } : {};
    const token = { claims: Object.fromEntries(present) as TokenFacts['claims'], ...said, ...key };
    return { ...asked, boundTo, token };
  });
