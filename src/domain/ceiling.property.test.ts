import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { aToken, bindingFacts, clientFacts, now } from '../../test/gen/facts.ts';
import {
  aBinding,
  aClient,
  aTenantScope,
  forVolumes,
  withLifetime,
  withMetadata,
  withSpec,
} from '../../test/gen/objects.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { minutes, seconds } from '../std/duration.ts';
import { between } from '../std/instant.ts';
import { admitToken } from './admit-token.ts';
import { bindingGrant } from './binding-grant.ts';
import { bindingViolations } from './binding-rules.ts';
import { clientViolations } from './client-rules.ts';
import type { TokenFacts } from './token-rule.ts';

// Few words, so that what is asked for and what is allowed often meet, and often just miss.
const scopes = ['openid', 'invoices.read', 'invoices.write', 'invoicesx', 'admin'];
const patterns = ['openid', 'invoices.*', 'invoices.read', 'admin'];
const audiences = ['https://api.example', 'https://API.example', 'urn:b'];
const roles = ['biller', 'reader', 'root'];
const lifetimes = [1, 10, 15, 60].map(minutes);
const grantTypes = ['ClientCredentials', 'AuthorizationCode'] as const;
const hosts = ['app.example', '127.0.0.1'];
const places = ['Volume', 'Secret'] as const;
const redirectURIs = [
  'https://app.example/callback',
  'https://app.example:8443/',
  'https://app.example.evil/',
  'http://127.0.0.1/callback',
];

const some = <T extends string>(words: readonly T[], minLength = 0): fc.Arbitrary<T[]> =>
  fc.subarray([...words], { minLength });
const usually = <T, U>(usual: T, other: fc.Arbitrary<U>): fc.Arbitrary<T | U> =>
  fc.oneof({ weight: 18, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const tenantScopes = fc
  .record({
    scopes: fc.oneof(fc.constant(patterns), some(patterns)),
    audiences: fc.oneof(fc.constant(audiences), some(audiences)),
    roles: fc.oneof(fc.constant(roles), some(roles)),
    maxLifetime: usually(minutes(60), fc.constantFrom(...lifetimes)),
    requiredClaims: fc.constantFrom<Record<string, string>[]>(
      ...[{}, { tenant_id: 'acme' }, { tenant_id: 'acme', region: 'eu' }],
    ),
    proofOfPossession: usually('Optional' as const, fc.constant('DPoP' as const)),
    verification: fc.constant('Required' as const),
  })
  .chain((tokens) =>
    fc.record({
      tokens: fc.constant(tokens),
      issuerRefs: usually([{ name: 'login' }], fc.constant([{ name: 'other' }])),
      clients: fc.record({
        max: fc.constant(50),
        authentication: usually(['Federated' as const], fc.constant([])),
        adoption: fc.constant('Denied' as const),
        orphaning: fc.constant('Denied' as const),
        grantTypes: usually([...grantTypes], some(grantTypes)),
        redirectHosts: usually(hosts, some(hosts)),
      }),
      deliveries: usually([...places], some(places)),
      suspend: usually(false, fc.constant(true)),
      serviceAccountSelector: usually({}, fc.constant({ matchLabels: { tier: 'backend' } })),
    }),
  )
  .map((spec) => aTenantScope(withSpec(spec)));

const requests = fc
  .record({
    scopes: fc.oneof(some(scopes.slice(0, 3), 1), some(scopes, 1)),
    audiences: some(audiences, 1),
    roles: some(roles),
    accessTokenLifetime: fc.constantFrom(undefined, ...lifetimes),
    grantTypes: usually(['ClientCredentials' as const], some(grantTypes, 1)),
    redirectURIs: usually([], some(redirectURIs)),
    proofOfPossession: fc.constantFrom('None', 'None', 'DPoP'),
  })
  .chain((asked) =>
    fc.record({
      client: fc.constant(asked),
      place: fc.constantFrom(...places),
      token: fc.record({
        scopes: fc.oneof(
          { weight: 3, arbitrary: some(asked.scopes, 1) },
          { weight: 1, arbitrary: some(scopes, 1) },
        ),
        audience: fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(...asked.audiences) },
          { weight: 1, arbitrary: fc.constantFrom(...audiences) },
        ),
      }),
    }),
  );
type Request = typeof requests extends fc.Arbitrary<infer T> ? T : never;

/** Tokens that are mostly what was asked for, but for one or two claims. */
const tokensFor = ({ client, token }: Request): fc.Arbitrary<TokenFacts> => {
  const issuedAt = now / 1000;
  const life = (client.accessTokenLifetime ?? minutes(1)) / 1000;
  const anything = fc.constantFrom(undefined, null, 7, '', 'root', [], ['root'], [7], {}, { root: true });
  const claims = fc.record({
    aud: usually(token.audience, fc.oneof(some(audiences), anything)),
    scope: usually(
      token.scopes.join(' '),
      fc.oneof(
        some(scopes),
        some(scopes).map((list) => list.join(' ')),
        anything,
      ),
    ),
    scp: usually(undefined, fc.oneof(some(scopes), anything)),
    roles: usually(client.roles, fc.oneof(some(roles), anything)),
    cnf: usually(
      client.proofOfPossession === 'DPoP' ? { jkt: 'ours' } : undefined,
      fc.constantFrom(undefined, null, { jkt: 'ours' }, { jkt: 'theirs' }, { jkt: null }, ['ours'], 'ours'),
    ),
    tenant_id: usually('acme', fc.constantFrom('globex', 'ACME', undefined)),
    region: usually('eu', fc.constantFrom('us', undefined)),
    iat: usually(issuedAt, fc.constantFrom(issuedAt - 60, issuedAt + 240, issuedAt + 1e9, 'soon', undefined)),
    exp: usually(
      issuedAt + life,
      fc.constantFrom(issuedAt + 3600, issuedAt + 1e9, 1e300, -1, 'never', undefined),
    ),
  });
  const beside = fc.record(
    {
      scope: some(scopes).map((list) => list.join(' ')),
      expiresIn: fc.constantFrom(seconds(30), minutes(90)),
      keyThumbprint: fc.constantFrom('ours', 'theirs'),
    },
    { requiredKeys: [] },
  );
  const key = client.proofOfPossession === 'DPoP' ? { keyThumbprint: 'ours' } : {};
  return fc
    .record({ claims, beside: usually({}, beside) })
    .map((made) => aToken(made.claims, { ...key, ...made.beside }));
};

/** An opinion of its own on what the tenant may have: it shares no code with the rules. */
function isWithin(
  { spec }: TenantScope,
  { client, token, place }: Request,
  { claims, scope, keyThumbprint }: TokenFacts,
): boolean {
  const covered = (word: string): boolean =>
    spec.tokens.scopes.some((pattern) =>
      pattern.endsWith('.*')
        ? word.startsWith(pattern.slice(0, -1)) && word !== pattern.slice(0, -1)
        : word === pattern,
    );
  const flat = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [String(value)]);
  const words = [claims['scope'], claims['scp']].filter((said) => said !== undefined).flatMap(flat);
  const can = words.length > 0 ? words : scope === undefined ? token.scopes : [scope];
  return (
    !spec.suspend &&
    spec.issuerRefs.some(({ name }) => name === 'login') &&
    spec.deliveries.includes(place) &&
    spec.clients.authentication.length > 0 &&
    client.grantTypes.every((type) => spec.clients.grantTypes.includes(type)) &&
    client.redirectURIs.every((uri) => spec.clients.redirectHosts.includes(new URL(uri).hostname)) &&
    spec.serviceAccountSelector.matchLabels === undefined &&
    can.flatMap((text) => text.split(' ').filter(Boolean)).every(covered) &&
    flat(claims['aud']).every((one) => spec.tokens.audiences.includes(one)) &&
    (claims['roles'] === undefined ||
      flat(claims['roles']).every((one) => spec.tokens.roles.includes(one))) &&
    (spec.tokens.proofOfPossession === 'Optional' || client.proofOfPossession === 'DPoP') &&
    JSON.stringify(claims['cnf']) ===
      (client.proofOfPossession === 'DPoP' ? `{"jkt":"${keyThumbprint}"}` : undefined) &&
    [undefined, 'acme'].includes(claims['tenant_id'] as string | undefined) &&
    Object.entries(spec.tokens.requiredClaims).every(([claim, value]) => claims[claim] === value) &&
    Number(claims['exp']) - Number(claims['iat'] ?? now / 1000) <= spec.tokens.maxLifetime / 1000 + 31
  );
}

it('whatever a tenant asks for and an issuer answers, nothing outside of the TenantScope is delivered', () => {
  const cases = fc
    .record({ scope: tenantScopes, request: requests })
    .chain((given) => tokensFor(given.request).map((token) => ({ ...given, token })));
  let [runs, delivered] = [0, 0];
  fc.assert(
    fc.property(cases, ({ scope, request, token }) => {
      runs++;
      const tenancy = { kind: 'tenant', scope } as const;
      const { accessTokenLifetime, ...asked } = request.client;
      const client = aClient(withSpec(asked), withLifetime(accessTokenLifetime));
      const asBound = request.place === 'Volume' ? [forVolumes] : [];
      const binding = aBinding(
        withMetadata({ generation: 1 }),
        withSpec({ token: request.token }),
        ...asBound,
      );
      const ofBinding = { ...bindingFacts({ tenancy, client }), binding };
      const refused = [
        ...clientViolations({ ...clientFacts({ tenancy }), client }),
        ...bindingViolations(ofBinding),
      ];
      const grant = bindingGrant(ofBinding);
      if (refused.length > 0 || !grant.ok) return;
      const admitted = admitToken(token, grant.value, binding.spec.rotation, now);
      if (!admitted.ok) return;
      delivered++;
      expect(isWithin(scope, request, token)).toBe(true);
      expect(between(now, admitted.value.expiresAt)).toBeLessThanOrEqual(scope.spec.tokens.maxLifetime);
    }),
    { numRuns: 5000 },
  );
  // It means little if nearly everything is refused.
  expect(delivered / runs).toBeGreaterThan(0.05);
});
