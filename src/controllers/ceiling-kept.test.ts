import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { aReadyCluster } from '../../test/gen/a-cluster.ts';
import { aCase, type Case } from '../../test/gen/ceilings.ts';
import { excess } from '../../test/gen/excess.ts';
import { withMetadata, withStatus } from '../../test/gen/objects.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { IssuedToken } from '../ports/issuer-driver.ts';

/** The issuer answers with the token of the case, for the client as it has registered it. */
const answering =
  ({ token }: Case) =>
  (issued: IssuedToken): IssuedToken => {
    const { client_id, cnf } = issued.claims;
    const claims = JSON.stringify(token.claims)
      .replaceAll('"client-1"', JSON.stringify(client_id))
      .replaceAll('{"jkt":"asked-key"}', JSON.stringify(cnf));
    return { token: issued.token, tokenType: issued.tokenType, ...token, claims: JSON.parse(claims) };
  };

it('no Secret ever holds what is outside a ceiling, from the manifest to the token', async () => {
  let delivered = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(aCase, async (one) => {
      const unregistered = [withMetadata<OAuthClient>({ finalizers: [] }), withStatus<OAuthClient>({})];
      const client = unregistered.reduce((object, change) => change(object), one.client);
      const cluster = await aReadyCluster(one.scope, one.issuer, client, one.binding);
      cluster.driver.alterToken = answering(one);
      await cluster.binding();
      if (cluster.secret('billing-token') === undefined) {
        if (cluster.driver.issued.length > 0) refused += 1;
        return;
      }
      delivered += 1;
      expect(excess(one)).toEqual([]);
    }),
    { numRuns: 200 },
  );
  expect(delivered).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(10);
});
