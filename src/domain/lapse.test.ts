import { describe, expect, it } from 'vitest';
import { bindingFacts, now } from '../../test/gen/facts.ts';
import { aBinding, aClient, anIssuer, aTenantScope, withMetadata, withSpec } from '../../test/gen/objects.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { minutes } from '../std/duration.ts';
import type { BindingFacts } from './binding-facts.ts';
import { bindingGrant } from './binding-grant.ts';
import { grantHash } from './grant.ts';
import { lapseOf } from './lapse.ts';

const granted = bindingGrant({ ...bindingFacts(), binding: aBinding() });
const asked = {
  bindingUID: 'uid-billing-api',
  grantHash: granted.ok ? grantHash(granted.value) : expect.unreachable(),
};
const lapsed = (change: Partial<BindingFacts>): string | undefined =>
  lapseOf(asked, bindingFacts(change), now);
const ceiling = (tokens: Partial<TenantScope['spec']['tokens']>): Partial<BindingFacts> => {
  const scope = aTenantScope((one) => ({
    ...one,
    spec: { ...one.spec, tokens: { ...one.spec.tokens, ...tokens } },
  }));
  return { tenancy: { kind: 'tenant', scope } };
};

describe('while a token is on its way, it ceases to be granted when', () => {
  const suspended = aTenantScope(withSpec<TenantScope>({ suspend: true }));
  it.each<[string, Partial<BindingFacts>, string]>([
    ['the tenant is suspended', { tenancy: { kind: 'tenant', scope: suspended } }, 'spec.suspend is true'],
    ['the namespace is of no tenant', { tenancy: { kind: 'none' } }, 'no TenantScope'],
    ['a scope is taken away', ceiling({ scopes: ['openid'] }), 'does not allow invoices.read'],
    ['its audience is taken away', ceiling({ audiences: [] }), 'does not allow https://api.example'],
    ['tokens may live less long', ceiling({ maxLifetime: minutes(1) }), 'at most 1m'],
    ['another claim is required', ceiling({ requiredClaims: { region: 'eu' } }), 'something else'],
    ['a tolerated audience changes', { issuer: tolerating('account') }, 'something else'],
    ['its ServiceAccount is another', { serviceAccountUID: 'uid-other' }, 'something else'],
    ['its ServiceAccount is gone', { serviceAccountUID: undefined }, 'there is no ServiceAccount'],
    ['its client is gone', { client: undefined }, 'there is no OAuthClient'],
    [
      'its client is being changed',
      { client: aClient(withMetadata({ generation: 2 })) },
      'not registered as it is wanted yet',
    ],
    ['its binding is gone', { binding: undefined }, 'gone'],
    ['its binding is going', { binding: aBinding(withMetadata({ deletionTimestamp: 'now' })) }, 'gone'],
    ['its binding is another of that name', { binding: aBinding(withMetadata({ uid: 'other' })) }, 'gone'],
    ['what it rests on cannot be read', { unreadable: 'OAuthIssuer login: spec' }, 'OAuthIssuer login'],
  ])('%s', (_, change, words) => {
    expect(lapsed(change)).toContain(words);
  });

  it('but not when nothing changed', () => {
    expect(lapsed({})).toBeUndefined();
  });
});

function tolerating(audience: string) {
  return anIssuer((issuer) => ({
    ...issuer,
    spec: { ...issuer.spec, tokens: { ...issuer.spec.tokens, toleratedAudiences: [audience] } },
  }));
}
