import { readFileSync } from 'node:fs';
import { remember } from '../canary/remember.ts';
import { postTo } from './post-to.ts';

/** Where an issuer is, and what lets one register there. */
interface At {
  readonly issuerURL: string;
  readonly caBundle: string;
  /** With the file `initial-access-token`. */
  readonly dir: string;
}

/** An API that asks the issuer of each token whether it is still good (RFC 7662). */
export interface ResourceServer {
  isActive(token: string): Promise<boolean>;
}

/** Registers a resource server for one audience at the embedded issuer, which only the holder of the initial access token may. */
export async function registerResourceServer(at: At, audience: string): Promise<ResourceServer> {
  const initialAccessToken = readFileSync(`${at.dir}/initial-access-token`, 'utf8');
  const registration = {
    client_name: 'a resource server',
    token_endpoint_auth_method: 'client_secret_basic',
    grantor: {
      tenantID: 'resource-servers',
      audiences: [],
      accessTokenLifetime: 60,
      introspects: [audience],
    },
  };
  const { client_id, client_secret } = await post(at, '/register', JSON.stringify(registration), {
    'content-type': 'application/json',
    authorization: `Bearer ${initialAccessToken}`,
  });
  if (typeof client_id !== 'string' || typeof client_secret !== 'string')
    throw new Error('the resource server was not registered');
  remember(client_secret);
  const basic = Buffer.from(`${client_id}:${client_secret}`).toString('base64');
  return {
    async isActive(token) {
      const { active } = await post(at, '/introspect', new URLSearchParams({ token }).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${basic}`,
      });
      if (typeof active !== 'boolean') throw new Error('introspection did not answer');
      return active;
    },
  };
}

const post = async (
  at: At,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> =>
  (await postTo(at, path, headers, body)).json as Readonly<Record<string, unknown>>;
