import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  errorOf,
  FederationFixture,
  jwtBearer,
  registration,
  tokenExchange,
  ways,
  workloadOf,
} from '../../test/embedded-issuer/federation-fixture.ts';
import { aRegistration } from '../../test/embedded-issuer/issuer-fixture.ts';

let under: FederationFixture;
beforeAll(async () => {
  under = await FederationFixture.start();
});
afterAll(() => under.stop());

describe('a client that is registered for one way to show its ServiceAccount token', () => {
  const pairs = ways.flatMap((registered) => ways.map((shown) => [registered, shown] as const));
  it.each(pairs)('registered for %s, it shows the token by %s', async (registered, shown) => {
    const answer = await under.ask(shown, under.clients[registered], await under.tokenOf(registered));
    if (registered === shown) expect(answer.status).toBe(200);
    else expect(errorOf(answer)).toMatch(/^(invalid_client|invalid_request)$/);
  });

  it.each(ways)('moves to %s by an update, and the way before is closed', async (to) => {
    for (const from of ways.filter((way) => way !== to)) {
      const name = `${from}-to-${to}`;
      const client = await under.register(from, name);
      const wanted = aRegistration({ workload: workloadOf(name) }, registration[to]);
      const updated = await under.issuer.manage('PUT', client, {
        ...wanted,
        client_id: client.json['client_id'],
      });
      expect(updated.json).toMatchObject(registration[to]);
      expect((await under.ask(to, client, await under.tokenOf(name))).status).toBe(200);
      errorOf(await under.ask(from, client, await under.tokenOf(name)));
    }
  });
});

describe('whatever is sent to the token endpoint', () => {
  it('is refused as a request, never as a failure of the server, and gives no token', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      // No names of grants: what is sent as a proof counts as a secret of the suite, and logs are searched for it.
      fc.constantFrom('', 'a.b.c', 'urn:ietf:params'),
    );
    const name = fc.constantFrom(
      ...[
        'client_id',
        'client_secret',
        'client_assertion',
        'client_assertion_type',
        'assertion',
        'subject_token',
      ],
      ...['subject_token_type', 'actor_token', 'audience', 'requested_token_type', 'scope', 'resource'],
    );
    const ids = ways.map((way) => String(under.clients[way].json['client_id']));
    const forms = fc.record({
      grant_type: fc.constantFrom('client_credentials', jwtBearer, tokenExchange),
      client_id: fc.constantFrom(...ids),
      more: fc.array(fc.tuple(name, value), { maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(forms, async ({ grant_type, client_id, more }) => {
        const body = new URLSearchParams([
          ['grant_type', grant_type],
          ['client_id', client_id],
          ...more,
        ]).toString();
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const answer = await under.issuer.send('POST', '/token', { ...headers, body });
        errorOf(answer);
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a registration', () => {
  const workload = workloadOf('refused');
  const none = { token_endpoint_auth_method: 'none' };
  it.each<[string, object]>([
    ['an exchange without a workload', aRegistration({}, registration.JWTBearer)],
    ['two ways at once', aRegistration({ workload }, { ...none, grant_types: [jwtBearer, tokenExchange] })],
    [
      'a way and client credentials',
      aRegistration({ workload }, { ...none, grant_types: [jwtBearer, 'client_credentials'] }),
    ],
    ['an exchange with a secret', aRegistration({ workload }, { grant_types: [jwtBearer] })],
    [
      'an exchange with a key',
      aRegistration(
        { workload },
        { grant_types: [jwtBearer], token_endpoint_auth_method: 'private_key_jwt' },
      ),
    ],
    ['client credentials without any proof', aRegistration({ workload }, none)],
    ['no proof and no workload', aRegistration({}, none)],
    [
      'keys beside the workload',
      aRegistration({ workload }, { ...registration.TokenExchange, jwks: { keys: [{ kty: 'EC' }] } }),
    ],
    [
      'secrets beside the workload',
      aRegistration({ workload, secretDigests: ['A'.repeat(43)] }, registration.JWTBearer),
    ],
    [
      'a workload that another client has, whichever way that shows its token',
      aRegistration({ workload: workloadOf('ClientAssertion') }, registration.JWTBearer),
    ],
    ['grant types that are no list', aRegistration({ workload }, { ...none, grant_types: jwtBearer })],
  ])('is refused for %s', async (_, metadata) => {
    const { status, json } = await under.issuer.register(metadata);
    expect([status, json['error']]).toEqual([400, 'invalid_client_metadata']);
  });
});
