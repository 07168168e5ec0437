import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { serviceAccountKind } from '../../src/kube/core-kinds.ts';
import { minutes } from '../../src/std/duration.ts';
import { audience, scope } from '../../test/e2e/objects.ts';
import { registerResourceServer } from '../../test/stage/resource-server.ts';
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
  /** Gets for pods what they log in with. */
  prepare(logins: readonly Login[]): Promise<void>;
  /** Resolves when none of these clients gets a token any more; answers with those that were given until then. */
  nothingNew(logins: readonly Login[]): Promise<readonly string[]>;
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
/** Between two questions: who looks on must not be what the issuer is busy with. */
const manners = 50;
export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Registers the resource server that `audience` is. */
export async function createOnlooker({ dir, issuerURL, kube }: Scene): Promise<Onlooker> {
  const stage = join(dir, 'stage');
  const ca = readFileSync(join(stage, 'tls/ca.crt'), 'utf8');
  const api = await registerResourceServer({ issuerURL, caBundle: ca, dir: stage }, audience);
  const dispatcher = new Agent({ connections: 4, connect: { ca } });
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
    const how = { method: 'POST', dispatcher, headers: form, body: body.toString() } as const;
    const answer = await request(`${issuerURL}/token`, how);
    const { access_token: token } = (await answer.body.json()) as { readonly access_token?: string };
    return token;
  };

  return {
    async noneActive(tokens) {
      // One after the other: what is inactive stays so, and is passed at once when it is looked at late.
      for (const token of tokens) while (await api.isActive(token)) await pause(manners);
    },
    async prepare(logins) {
      for (const login of logins) await assertionOf(login);
    },
    async nothingNew(logins) {
      const given: string[] = [];
      for (const login of logins) {
        for (;;) {
          const token = await ask(login.clientID, await assertionOf(login));
          if (token === undefined) break;
          given.push(token);
          await pause(manners);
        }
      }
      return given;
    },
  };
}
