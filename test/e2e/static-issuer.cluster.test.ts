import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { remember } from '../canary/remember.ts';
import { serviceAccountIssuer } from '../cluster/server-arguments.ts';
import { postTo } from '../stage/post-to.ts';
import { look } from './look.ts';
import {
  anIssuer,
  aServiceAccount,
  aTenant,
  audience,
  aWorkload,
  scope,
  serviceAccountKind,
} from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

describe.runIf(onOwnControlPlane())('an issuer whose clients are registered by other means', () => {
  const stage = useStage();
  const see = look(stage);
  const spec = { driver: { static: {} } };

  beforeAll(async () => {
    await stage.apply([anIssuer({ url: stage.issuerURL, spec }), ...aTenant('static')]);
  });

  test('is refused until somebody accepts that nobody holds its clients to the ceiling; then its tokens are delivered', async () => {
    await stage.apply([aServiceAccount('static')]);
    const clientID = await registerByHand('static', 'api');
    const asked = stage.proxy.requests.length;
    await stage.apply(aWorkload('static', 'api', { client: { clientID } }));
    await see.until('client', 'static/api', 'False CeilingNotEnforceable');
    await see.until('binding', 'static/api', 'False ClientNotAllowed');
    await stage.apply([anIssuer({ url: stage.issuerURL, spec: { ...spec, unenforcedCeiling: 'Accept' } })]);
    await see.until('client', 'static/api', 'True');
    await see.until('binding', 'static/api', 'True');
    expect(await see.content('static/api-token')).toHaveProperty('token');
    const sent = stage.proxy.requests.slice(asked).map(({ method, path }) => `${method} ${path}`);
    expect(sent.filter((request) => request.includes('/register'))).toEqual([]);
  });

  test('a client of it is one tenant’s: who names it later, or may not adopt any, is refused without a word about the other', async () => {
    const client = { clientID: 'registered-once' };
    await stage.apply([...aTenant('first'), ...aWorkload('first', 'api', { client })]);
    await see.until('client', 'first/api', 'True');
    // Ages are told in whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const denied = { clients: { authentication: ['Federated'] } };
    await stage.apply([
      ...[...aTenant('second'), ...aWorkload('second', 'api', { client })],
      ...[...aTenant('third', { spec: denied }), ...aWorkload('third', 'api', { client })],
    ]);
    expect(await see.until('client', 'second/api', 'False ClientIDTaken')).toBe(
      'False ClientIDTaken: spec.clientID: an OAuthClient of another namespace is older and is client registered-once of the same issuer',
    );
    expect(await see.until('client', 'third/api', 'False AdoptionNotAllowed')).toBe(
      'False AdoptionNotAllowed: spec.clientID: TenantScope third does not allow registered-once; allowed: no clients that somebody else registered',
    );
    await see.until('client', 'first/api', 'True');
  });

  test('a client that does not say which one it is there is told to', async () => {
    await stage.apply(aWorkload('static', 'nameless'));
    await see.until('client', 'static/nameless', 'False ClientIDRequired');
  });

  async function registerByHand(namespace: string, name: string): Promise<string> {
    const account = await stage.kube.get(serviceAccountKind, { namespace, name });
    if (!account.ok) throw new Error(account.error.message);
    const subject = `system:serviceaccount:${namespace}:${name}`;
    const workload = { issuer: serviceAccountIssuer, subject, uid: account.value.metadata.uid };
    const token = readFileSync(join(stage.dir, 'initial-access-token'), 'utf8');
    const { status, json } = await postTo(
      stage,
      '/register',
      { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      JSON.stringify({
        client_name: 'made by hand',
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'private_key_jwt',
        scope,
        grantor: {
          tenantID: namespace,
          roles: ['reader'],
          audiences: [audience],
          accessTokenLifetime: 600,
          workload,
        },
      }),
    );
    expect(status, JSON.stringify(json)).toBe(201);
    const { client_id, registration_access_token } = json as Record<string, string>;
    remember(registration_access_token);
    return client_id!;
  }
});
