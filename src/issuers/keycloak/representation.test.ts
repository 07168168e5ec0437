import { describe, expect, it } from 'vitest';
import { aClient } from '../../../test/contract/issuer-driver/data.ts';
import { type DesiredClient, withdrawnClient } from '../../domain/desired-client.ts';
import { minutes } from '../../std/duration.ts';
import { differencesOf } from './differences.ts';
import { readClient } from './held-client.ts';
import { realmURLs } from './realm.ts';
import { objectionTo, representationOf } from './representation.ts';

const surroundings = { clientID: 'grantor-acme-billing-0123', identityProvider: 'kubernetes' };
const workload = { issuer: 'https://k8s', subject: 'system:serviceaccount:acme:billing', uid: 'uid' };
const federated = (more: Partial<DesiredClient> = {}): DesiredClient => ({
  ...aClient(),
  mark: 'grantor:c:acme:billing:uid',
  name: 'acme/billing',
  authentication: { method: 'Federated', by: 'ClientAssertion', workload },
  ...more,
});
const representation = (client: DesiredClient) => representationOf(client, surroundings);
/** As Keycloak would say that it holds it. */
const held = (client: DesiredClient, more: Record<string, unknown> = {}) => {
  const { members, attributes, mappers, scopes } = representation(client);
  const said = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
  const read = readClient({
    id: '0a1b',
    ...members,
    attributes: { ...said, realm_client: 'false' },
    protocolMappers: mappers
      .toReversed()
      .map((mapper) => ({ ...mapper, id: 'made', consentRequired: false })),
    defaultClientScopes: ['service_account'],
    optionalClientScopes: scopes.toReversed(),
    notBefore: 0,
    ...more,
  });
  if (read === undefined) throw new Error('not a client');
  return read;
};

describe('a client as Keycloak is told of it', () => {
  it('has its ceiling in its registration, and all other doors closed', () => {
    expect(representation(federated())).toMatchInlineSnapshot(`
      {
        "attributes": {
          "access.token.header.type.rfc9068": "true",
          "access.token.lifespan": "600",
          "access.token.signed.response.alg": "ES256",
          "dpop.bound.access.tokens": "false",
          "grantor.mark": "grantor:c:acme:billing:uid",
          "grantor.tenant": "acme",
          "jwks.string": "",
          "jwt.credential.issuer": "kubernetes",
          "jwt.credential.sub": "system:serviceaccount:acme:billing",
          "oauth2.device.authorization.grant.enabled": "false",
          "oauth2.jwt.authorization.grant.enabled": "false",
          "oidc.ciba.grant.enabled": "false",
          "pkce.code.challenge.method": "",
          "standard.token.exchange.enabled": "false",
          "token.endpoint.auth.signing.alg": "",
          "use.jwks.string": "false",
          "use.jwks.url": "false",
        },
        "mappers": [
          {
            "config": {
              "access.token.claim": "true",
              "claim.name": "tenant_id",
              "claim.value": "acme",
              "id.token.claim": "false",
              "introspection.token.claim": "true",
              "jsonType.label": "String",
              "userinfo.token.claim": "false",
            },
            "name": "tenant_id",
            "protocolMapper": "oidc-hardcoded-claim-mapper",
          },
          {
            "config": {
              "access.token.claim": "true",
              "claim.name": "roles",
              "claim.value": "["biller"]",
              "id.token.claim": "false",
              "introspection.token.claim": "true",
              "jsonType.label": "JSON",
              "userinfo.token.claim": "false",
            },
            "name": "roles",
            "protocolMapper": "oidc-hardcoded-claim-mapper",
          },
          {
            "config": {
              "access.token.claim": "true",
              "claim.name": "client_id",
              "claim.value": "grantor-acme-billing-0123",
              "id.token.claim": "false",
              "introspection.token.claim": "true",
              "jsonType.label": "String",
              "userinfo.token.claim": "false",
            },
            "name": "client_id",
            "protocolMapper": "oidc-hardcoded-claim-mapper",
          },
          {
            "config": {
              "access.token.claim": "true",
              "introspection.token.claim": "true",
            },
            "name": "sub",
            "protocolMapper": "oidc-sub-mapper",
          },
        ],
        "members": {
          "bearerOnly": false,
          "clientAuthenticatorType": "federated-jwt",
          "clientId": "grantor-acme-billing-0123",
          "directAccessGrantsEnabled": false,
          "enabled": true,
          "fullScopeAllowed": false,
          "implicitFlowEnabled": false,
          "name": "acme/billing",
          "protocol": "openid-connect",
          "publicClient": false,
          "redirectUris": [],
          "serviceAccountsEnabled": true,
          "standardFlowEnabled": false,
          "webOrigins": [],
        },
        "scopes": [
          "invoices.read",
          "invoices.write",
          "grantor-audience-179c47f38e8cb54f09f304785b7d4442",
        ],
      }
    `);
  });

  it('that is withdrawn is disabled, can ask for nothing, and leaves its ServiceAccount to the next', () => {
    const { members, attributes, scopes } = representation(withdrawnClient(federated()));
    expect(members['enabled']).toBe(false);
    expect(attributes['jwt.credential.sub']).toBe('');
    expect(scopes).toEqual([]);
  });

  it.each([
    ['a scope that opens an audience', { scopes: ['grantor-audience-0'] }, /Grantor's own/],
    [
      'a redirect URI with more than Keycloak stores',
      { redirectURIs: [`https://a/${'b'.repeat(250)}`] },
      /255/,
    ],
    [
      'a ServiceAccount token as a grant',
      { authentication: { method: 'Federated', by: 'TokenExchange', workload } as const },
      /ClientAssertion/,
    ],
  ])('is refused with %s', (_, more, sentence) => {
    expect(objectionTo(federated(more))).toMatch(sentence);
  });

  it('may ask for openid, which Keycloak lets every client ask for', () => {
    expect(representation(federated({ scopes: ['openid', 'a'], audiences: ['b'] })).scopes).toHaveLength(2);
  });
});

describe('a client that Keycloak holds', () => {
  it('is as wanted in another order, with what Keycloak adds and without what is off', () => {
    const client = federated();
    expect(differencesOf(representation(client), held(client))).toEqual([]);
    expect(
      differencesOf(representation(client), held(client, { redirectUris: null, webOrigins: undefined })),
    ).toEqual([]);
  });

  it.each<[string, Partial<DesiredClient>, readonly string[]]>([
    ['scopes', { scopes: ['invoices.read'] }, ['scope']],
    ['audiences', { audiences: ['https://other.example'] }, ['audience']],
    ['roles', { roles: [] }, ['roles']],
    ['lifetime', { accessTokenLifetime: minutes(3) }, ['lifetime']],
    ['tenant', { tenantID: 'globex' }, ['tenant_id']],
    ['proof of possession', { proofOfPossession: 'DPoP' }, ['proof of possession']],
    ['mark', { mark: 'grantor:c:acme:billing:other' }, ['mark']],
  ])('has other %s', (_, other, words) => {
    expect(differencesOf(representation(federated()), held(federated(other)))).toEqual(words);
  });

  it.each([
    ['fullScopeAllowed', { fullScopeAllowed: true }],
    ['implicitFlowEnabled', { implicitFlowEnabled: true }],
    ['enabled', { enabled: false }],
    ['default client scope roles', { defaultClientScopes: ['roles', 'service_account'] }],
  ])('is told to have %s', (word, more) => {
    const client = federated();
    expect(differencesOf(representation(client), held(client, more))).toEqual([word]);
  });

  it('has the same keys however they are written', () => {
    const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'one' };
    const client = federated({ authentication: { method: 'PrivateKey', publicKeys: [key] } });
    const { attributes } = representation(client);
    const turned = JSON.stringify(
      { keys: [{ kid: 'one', y: 'y', x: 'x', crv: 'P-256', kty: 'EC' }] },
      null,
      1,
    );
    expect(
      differencesOf(
        representation(client),
        held(client, { attributes: { ...attributes, 'jwks.string': turned } }),
      ),
    ).toEqual([]);
  });

  it.each([[null], [[]], ['text'], [{}], [{ id: 'a b', clientId: 'c' }], [{ id: 'a', clientId: '\u0007' }]])(
    'is none that %j describes',
    (answer) => {
      expect(readClient(answer)).toBeUndefined();
    },
  );
});

describe('the administration of a realm', () => {
  it.each([
    ['https://login.example/realms/prod', 'https://login.example/admin/realms/prod'],
    ['https://login.example:8443/auth/realms/prod', 'https://login.example:8443/auth/admin/realms/prod'],
  ])('of %s is at %s', (issuer, admin) => {
    expect(realmURLs(issuer)).toEqual({ ok: true, value: { admin } });
  });

  it.each(['https://login.example', 'https://login.example/realms/', 'https://login.example/realms/a/b'])(
    'cannot be told from %s',
    (issuer) => {
      expect(realmURLs(issuer).ok).toBe(false);
    },
  );
});
