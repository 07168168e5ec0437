import { createPrivateKey, createSign, type JsonWebKey, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseManifests } from '../stage/manifests.ts';
import { look } from './look.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';
import { askForToken } from './workload-alone.ts';

// Nothing here comes from the quickstart or from the builders: it is what a user of his own writes.
const manifests = `
apiVersion: grantor.dev/v1alpha1
kind: OAuthIssuer
metadata: { name: company-login }
spec:
  issuer: https://login.example
  driver:
    standard:
      initialAccessTokenSecretRef: { name: quickstart-issuer, key: initial-access-token }
  tls: { caBundleRef: { name: quickstart-issuer, key: ca.crt } }
---
apiVersion: grantor.dev/v1alpha1
kind: TenantScope
metadata: { name: shop-team }
spec:
  tenantID: shop
  namespaceSelector:
    matchExpressions: [{ key: example.com/team, operator: In, values: [shop, shop-staging] }]
  issuerRefs: [{ name: company-login }]
  clients: { authentication: [PrivateKey, Secret] }
  tokens:
    scopes: ["shop:*"]
    audiences: ["urn:shop:api"]
    maxLifetime: 1h
---
apiVersion: v1
kind: Namespace
metadata: { name: shop-backend, labels: { example.com/team: shop-staging } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: worker, namespace: shop-backend }
---
apiVersion: grantor.dev/v1alpha1
kind: OAuthClient
metadata: { name: with-key, namespace: shop-backend }
spec:
  issuerRef: { name: company-login }
  scopes: ["shop:read", "shop:write"]
  audiences: ["urn:shop:api"]
  authentication: { privateKey: { secretRef: { name: key } } }
---
apiVersion: grantor.dev/v1alpha1
kind: OAuthClient
metadata: { name: with-secret, namespace: shop-backend }
spec:
  issuerRef: { name: company-login }
  scopes: ["shop:read"]
  audiences: ["urn:shop:api"]
  accessTokenLifetime: 30m
  authentication: { secret: { secretRef: { name: password } } }
---
apiVersion: grantor.dev/v1alpha1
kind: WorkloadIdentityBinding
metadata: { name: with-key, namespace: shop-backend }
spec:
  serviceAccountName: worker
  clientRef: { name: with-key }
  token: { scopes: ["shop:write"], audience: "urn:shop:api" }
  delivery: { secretRef: { name: key-token } }
---
apiVersion: grantor.dev/v1alpha1
kind: WorkloadIdentityBinding
metadata: { name: with-secret, namespace: shop-backend }
spec:
  serviceAccountName: worker
  clientRef: { name: with-secret }
  token: { scopes: ["shop:read"], audience: "urn:shop:api" }
  delivery: { secretRef: { name: password-token } }
`;

describe.runIf(onOwnControlPlane())("a user's own manifests", () => {
  const stage = useStage();
  const see = look(stage);

  beforeAll(() => stage.apply(parseManifests(manifests)));

  test.each([
    ['with-key', 'key', 'shop:write'],
    ['with-secret', 'password', 'shop:read'],
  ])('the client %s gets its token', async (name, secret, scope) => {
    await see.until('binding', `shop-backend/${name}`, 'True');
    const content = await see.content(`shop-backend/${secret}-token`);
    expect(Object.keys(content ?? {}).sort()).toEqual(['expires_at', 'metadata.json', 'token', 'token_type']);
    expect(JSON.parse(content?.['metadata.json'] ?? '')).toMatchObject({
      issuer: stage.issuerURL,
      client_id: await see.clientID(`shop-backend/${name}`),
      audience: 'urn:shop:api',
      scope,
      generation: 1,
    });
  });

  test('what lies in the credentials Secret is what the issuer accepts', async () => {
    await see.until('client', 'shop-backend/with-secret', 'True');
    await see.until('client', 'shop-backend/with-key', 'True');
    const password = await see.content('shop-backend/password');
    const key = await see.content('shop-backend/key');
    const grant = { scope: 'shop:read', resource: 'urn:shop:api' };
    const { client_id = '', client_secret = '' } = password ?? {};
    const basic = Buffer.from(
      `${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`,
    ).toString('base64');
    expect(await askForToken(stage, grant, { authorization: `Basic ${basic}` })).toMatchObject({
      status: 200,
    });
    const assertion = {
      client_id: key?.['client_id'],
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signedBy(
        JSON.parse(key?.['private_key.jwk'] ?? '') as JsonWebKey,
        key?.['client_id'] ?? '',
        stage.issuerURL,
      ),
    };
    expect(await askForToken(stage, { ...grant, ...assertion })).toMatchObject({ status: 200 });
  });
});

function signedBy(jwk: JsonWebKey, clientID: string, audience: string): string {
  const now = Math.floor(Date.now() / 1000);
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const header = encode({ alg: 'ES256', kid: jwk['kid'] });
  const payload = encode({
    iss: clientID,
    sub: clientID,
    aud: audience,
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
  });
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const signature = createSign('SHA256')
    .update(`${header}.${payload}`)
    .sign({ key, dsaEncoding: 'ieee-p1363' });
  return `${header}.${payload}.${signature.toString('base64url')}`;
}
