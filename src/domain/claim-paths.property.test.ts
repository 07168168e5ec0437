import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { aCase, type Case } from '../../test/gen/ceilings.ts';
import { excess } from '../../test/gen/excess.ts';
import { bindingFacts, now } from '../../test/gen/facts.ts';
import { minutes, seconds } from '../std/duration.ts';
import { between, fromNumericDate } from '../std/instant.ts';
import { admitToken } from './admit-token.ts';
import { bindingGrant } from './binding-grant.ts';
import { bindingViolations } from './binding-rules.ts';
import type { CheckedToken } from './token-check.ts';

/** The way of a token: rules, grant, gate. Undefined where it is not delivered. */
function delivered({ scope, issuer, client, binding, token }: Case): CheckedToken | undefined {
  const facts = { ...bindingFacts({ tenancy: { kind: 'tenant', scope }, client, issuer }), binding };
  if (bindingViolations(facts).length > 0) return undefined;
  const grant = bindingGrant(facts);
  const admitted = grant.ok && admitToken(token, grant.value, binding.spec.rotation, now);
  return admitted && admitted.ok ? admitted.value : undefined;
}

it('nothing outside a ceiling is ever delivered, wherever an issuer keeps its claims and whatever it puts into every token', () => {
  const runs = 5000;
  let passed = 0;
  let excessive = 0;
  fc.assert(
    fc.property(aCase, (one) => {
      const beyond = excess(one);
      if (beyond.length > 0) excessive += 1;
      const checked = delivered(one);
      if (checked === undefined) return;
      passed += 1;
      expect(beyond).toEqual([]);
      const { maxLifetime } = one.scope.spec.tokens;
      const most = Math.min(maxLifetime, one.client.spec.accessTokenLifetime ?? minutes(10));
      expect(between(now, checked.expiresAt)).toBeLessThanOrEqual(most);
      // What the token says of itself may be more by what clocks are apart.
      const exp = fromNumericDate(Number(one.token.claims['exp']));
      expect(checked.expiresAt).toBeLessThanOrEqual(exp);
      expect(between(now, exp)).toBeLessThanOrEqual(most + minutes(5) + seconds(1));
    }),
    { numRuns: runs },
  );
  // It means little if nothing is delivered, or if nothing was ever too much.
  expect(passed).toBeGreaterThan(runs / 20);
  expect(excessive).toBeGreaterThan(runs / 20);
});
