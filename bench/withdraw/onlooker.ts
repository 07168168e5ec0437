import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { serviceAccountKind } from '../../src/controllers/core-kinds.ts';
import { minutes } from '../../src/std/duration.ts';
import { audience, scope } from '../../test/e2e/objects.ts';
import type { Scene } from '../scene.ts';

/** A client as a pod would use it, past the controller. */
export interface Login {
  readonly clientID: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** What others see of a tenant at the embedded issuer: a resource server, and pods that ask it themselves. */
export interface Onlooker {
  /** Resolves when the resource server hears of none of these tokens any more that it is active. */
  noneActive(tokens: readonly string[]): Promise<void>;
  /** Resolves when none of these clients gets a token any more; answers with those that were given until then. */
  nothingNew(logins: readonly Login[]): Promise<readonly string[]>;
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
/** Between two questions: who looks on must not be what the issuer is busy with. */
const manners = 20;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Registers the resource server that `audience` is. */
export async function createOnlooker({ dir, issuerURL, kube }: Scene): Promise<Onlooker> {
  const ca = readFileSync(join(dir, 'stage/tls/ca.crt'), 'utf8');
  const dispatcher = new Agent({ connections: 4, connect: { ca } });
  const post = async (
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await request(issuerURL + path, { method: 'POST', dispatcher, headers, body });
    return (await answer.body.json()) as Readonly<Record<string, unknown>>;
  };

  const initial = readFileSync(join(dir, 'stage/initial-access-token'), 'utf8');
  const server = await post(
    '/register',
    { 'content-type': 'application/json', authorization: `Bearer ${initial}` },
    JSON.stringify({
      client_name: `the API behind ${audience}`,
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
      grantor: { tenantID: 'platform', audiences: [], accessTokenLifetime: 60, introspects: [audience] },
    }),
  );
  const credentials = [server['client_id'], server['client_secret']].map(String).join(':');
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const isActive = async (token: string): Promise<boolean> => {
    const body = new URLSearchParams({ token }).toString();
    return (await post('/introspect', { ...form, authorization }, body))['active'] === true;
  };

  const assertions = new Map<Login, Promise<string>>();
  const assertionOf = (login: Login): Promise<string> => {
    const assertion = assertions.get(login) ?? requestAssertion(login);
    assertions.set(login, assertion);
    return assertion;
  };
  const requestAssertion = async ({ namespace, serviceAccount: name }: Login): Promise<string> => {
    const account = await kube.get(serviceAccountKind, { namespace, name });
    if (!account.ok) throw new Error(account.error.message);
    const { uid } = account.value.metadata;
    const options = { uid, audiences: [issuerURL], expiration: minutes(10) };
    const token = await kube.requestToken({ namespace, name }, options);
    if (!token.ok) throw new Error(token.error.message);
    return token.value.token.reveal();
  };
  const ask = async (clientID: string, assertion: string): Promise<string | undefined> => {
    const body = new URLSearchParams({
      ...{ grant_type: 'client_credentials', client_id: clientID, resource: audience, scope },
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    const token = (await post('/token', form, body.toString()))['access_token'];
    return typeof token === 'string' ? token : undefined;
  };

  return {
    async noneActive(tokens) {
      const active = new Set(tokens);
      while (active.size > 0) {
        for (const token of active) {
          if (!(await isActive(token))) active.delete(token);
          await pause(manners);
        }
      }
    },
    async nothingNew(logins) {
      const given: string[] = [];
      const open = new Set(logins);
      while (open.size > 0) {
        for (const login of open) {
          const token = await ask(login.clientID, await assertionOf(login));
          if (token === undefined) open.delete(login);
          else given.push(token);
          await pause(manners);
        }
      }
      return given;
    },
  };
}
