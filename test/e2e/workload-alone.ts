import { decodeJwt, type JWTPayload } from 'jose';
import { minutes } from '../../src/std/duration.ts';
import { remember } from '../canary/remember.ts';
import { postTo } from '../stage/post-to.ts';
import { aServiceAccount, serviceAccountKind } from './objects.ts';
import type { TestStage } from './use-stage.ts';

export interface TokenAnswer {
  readonly status: number;
  readonly error?: string;
  readonly claims?: JWTPayload;
}

type Form = Readonly<Record<string, string | undefined>>;

/** Asks the stage's issuer for a token by the client credentials grant, past us. */
export async function askForToken(stage: TestStage, form: Form, headers: Form = {}): Promise<TokenAnswer> {
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  for (const [name, value] of Object.entries(form)) if (value !== undefined) body.set(name, value);
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await postTo(stage, '/token', { ...type, ...headers }, body.toString());
  const { access_token, error } = answer.json as { access_token?: string; error?: string };
  remember(access_token);
  return {
    status: answer.status,
    ...(error === undefined ? {} : { error }),
    ...(access_token === undefined ? {} : { claims: decodeJwt(access_token) }),
  };
}

/** A pod that goes past us: it presents its own ServiceAccount token, for the issuer's audience, to the issuer. */
export const podAlone = (stage: TestStage) => ({
  async asks(namespace: string, serviceAccount: string, form: Form): Promise<TokenAnswer> {
    await stage.apply([aServiceAccount(namespace, serviceAccount)]);
    const at = { namespace, name: serviceAccount };
    const account = await stage.kube.get(serviceAccountKind, at);
    if (!account.ok) throw new Error(account.error.message);
    const { uid } = account.value.metadata;
    const audiences = [stage.issuerURL];
    const token = await stage.kube.requestToken(at, { uid, audiences, expiration: minutes(10) });
    if (!token.ok) throw new Error(token.error.message);
    const client_assertion = token.value.token.reveal();
    remember(client_assertion);
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    return askForToken(stage, { client_assertion_type, client_assertion, ...form });
  },
});
