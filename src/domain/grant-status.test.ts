import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aGrant, bindingFacts } from '../../test/gen/facts.ts';
import { aBinding, aClient, anIssuer, aTenantScope, withSpec } from '../../test/gen/objects.ts';
import { decode } from '../api/decode.ts';
import { workloadIdentityBindingKind } from '../api/workload-identity-binding.ts';
import { seconds } from '../std/duration.ts';
import { bindingGrant } from './binding-grant.ts';
import { type Grant, grantHash } from './grant.ts';
import { grantIn, grantStatus } from './grant-status.ts';

const texts = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 4 });
const record = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.stringMatching(/^[a-z]{0,8}$/), {
  maxKeys: 3,
});

/** What somebody who reads the status of a binding makes of it. */
function readBack(grant: Grant, issuer = anIssuer()): Grant {
  const { spec, metadata } = aBinding();
  const status = { grant: grantStatus(grant, { scope: aTenantScope(), client: aClient(), issuer }) };
  const { rotation: _, ...rest } = spec;
  const { apiVersion, kind } = aBinding();
  const raw = JSON.parse(JSON.stringify({ apiVersion, kind, metadata, spec: rest, status })) as never;
  const read = decode(workloadIdentityBindingKind, raw);
  if (!read.ok) throw new Error(read.error);
  const granted = read.value.status?.grant;
  if (granted === undefined) throw new Error('no grant');
  return grantIn(granted, issuer, read.value.metadata.namespace);
}

describe('a grant that is read from a status', () => {
  it('is the one that was written there, to the last bit of its hash', () => {
    fc.assert(
      fc.property(
        ...[texts, texts, texts, record, fc.integer({ min: 10, max: 90_000 })],
        fc.constantFrom<Grant['proofOfPossession']>('None', 'DPoP'),
        fc.constantFrom<Grant['verification']>('Required', 'AllowUnverified'),
        (scopes, roles, toleratedAudiences, requiredClaims, life, proofOfPossession, verification) => {
          const issuer = anIssuer(
            withSpec({ tokens: { toleratedAudiences, claimPaths: { roles: '/a/b' } } }),
          );
          const client = aClient(withSpec({ roles, proofOfPossession, accessTokenLifetime: seconds(life) }));
          const { tokens } = aTenantScope().spec;
          const scope = aTenantScope(
            withSpec({ tokens: { ...tokens, requiredClaims, verification, maxLifetime: seconds(life) } }),
          );
          const { spec } = aBinding();
          const binding = aBinding(withSpec({ token: { ...spec.token, scopes: ['openid', ...scopes] } }));
          const granted = bindingGrant({
            ...bindingFacts({ issuer, client, tenancy: { kind: 'tenant', scope } }),
            binding,
          });
          if (!granted.ok) throw new Error(granted.error.message);
          expect(readBack(granted.value, issuer)).toEqual(granted.value);
          expect(grantHash(readBack(granted.value, issuer))).toBe(grantHash(granted.value));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is another one for another ServiceAccount of that name', () => {
    const other = aGrant({ serviceAccount: { ...aGrant().serviceAccount, uid: 'uid-other' } });
    expect(grantHash(readBack(other))).not.toBe(grantHash(readBack(aGrant())));
  });
});
